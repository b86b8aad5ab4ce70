/**
 * Moves an image: from a commit into an engine (build), from an engine or a file into the bucket
 * (push), and back (pull).
 */
@NullMarked
package dev.s3dock.transfer;

import org.jspecify.annotations.NullMarked;
