/** Work on other threads, in order and within bounds; its failures come out where it is awaited. */
@NullMarked
package dev.s3dock.concurrent;

import org.jspecify.annotations.NullMarked;
