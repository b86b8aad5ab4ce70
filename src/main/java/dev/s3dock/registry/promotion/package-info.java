/**
 * What moves pointers: versions are given to images, environments are promoted to images or
 * versions.
 */
@NullMarked
package dev.s3dock.registry.promotion;

import org.jspecify.annotations.NullMarked;
