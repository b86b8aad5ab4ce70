/** What leads to an image: versions, environments, and hosts. */
@NullMarked
package dev.s3dock.registry.reference;

import org.jspecify.annotations.NullMarked;
