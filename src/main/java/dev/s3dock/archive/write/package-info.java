/**
 * How an archive is made: layers are cut into chunks, chunks are compressed and spooled, and the
 * spool is read as the archive.
 */
@NullMarked
package dev.s3dock.archive.write;

import org.jspecify.annotations.NullMarked;
