/**
 * The names s3dock is about: apps, image references, versions, environments, digests, platforms.
 *
 * <p>Every type validates itself when it is made, so a value in hand is a valid one. Uses nothing
 * but the JDK.
 */
@NullMarked
package dev.s3dock.image;

import org.jspecify.annotations.NullMarked;
