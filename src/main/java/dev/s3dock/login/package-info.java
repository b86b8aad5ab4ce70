/** What {@code docker login} has kept of registries. */
@NullMarked
package dev.s3dock.login;

import org.jspecify.annotations.NullMarked;
