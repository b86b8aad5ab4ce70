/** Copies images out of the bucket into registries, and out of registries into the bucket. */
@NullMarked
package dev.s3dock.distribution.copy;

import org.jspecify.annotations.NullMarked;
