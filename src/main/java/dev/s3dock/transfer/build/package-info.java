/** From a commit into an engine. */
@NullMarked
package dev.s3dock.transfer.build;

import org.jspecify.annotations.NullMarked;
