/**
 * Compressors: gzip members by libdeflate or the JDK, zstd frames, and what each of them really
 * does ({@code docs/compression.md}).
 */
@NullMarked
package dev.s3dock.archive.codec;

import org.jspecify.annotations.NullMarked;
