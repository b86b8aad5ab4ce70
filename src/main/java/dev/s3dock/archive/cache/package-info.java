/**
 * Compressed chunks on this machine's disk, by the SHA-256 of what they hold. What is lost there
 * costs time and nothing else.
 */
@NullMarked
package dev.s3dock.archive.cache;

import org.jspecify.annotations.NullMarked;
