/** Stores and servers to test against: real ones in process, a strict one in memory, and faults. */
@NullMarked
package dev.s3dock.testing;

import org.jspecify.annotations.NullMarked;
