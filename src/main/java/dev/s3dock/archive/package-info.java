/**
 * The archive of format 1: one image as one {@code .tar.gz}, or {@code .tar.zst}, whose every part
 * can be fetched, reused and served on its own. {@code docs/archive-format.md} is the
 * specification.
 *
 * <p>Writing: an {@link dev.s3dock.archive.source.ImageSource} is read once by an {@link
 * dev.s3dock.archive.write.ArchivePacker}, which spools compressed chunks to disk; the {@link
 * dev.s3dock.archive.write.PackedImage} that comes out knows its size and hands out its bytes.
 * Reading: an {@link dev.s3dock.archive.read.ArchiveReader} turns ranges of a stored archive back
 * into the tar, verified against the {@link dev.s3dock.archive.ArchiveIndex} and the image config.
 */
@NullMarked
package dev.s3dock.archive;

import org.jspecify.annotations.NullMarked;
