/**
 * How an archive is read: ranges in, verified chunks and layers out, as one tar, an OCI layout or a
 * proof of every byte.
 */
@NullMarked
package dev.s3dock.archive.read;

import org.jspecify.annotations.NullMarked;
