/** Hints: which archive of the bucket, of whatever app, holds a layer. */
@NullMarked
package dev.s3dock.registry.layer;

import org.jspecify.annotations.NullMarked;
