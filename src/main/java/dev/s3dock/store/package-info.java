/**
 * The port to an object store: keys, conditional writes, ranged reads, listings, multipart uploads.
 *
 * <p>{@link dev.s3dock.store.ObjectStore} states what every adapter promises; the contract test
 * runs on all of them.
 */
@NullMarked
package dev.s3dock.store;

import org.jspecify.annotations.NullMarked;
