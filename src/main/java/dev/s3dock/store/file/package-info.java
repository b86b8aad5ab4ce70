/**
 * Objects as files of a folder: for one machine, a NAS or a trial. Keeps the promises of {@link
 * dev.s3dock.store.ObjectStore} between threads, processes and crashes; {@code docs/stores.md} says
 * how.
 */
@NullMarked
package dev.s3dock.store.file;

import org.jspecify.annotations.NullMarked;
