/** The commands that look after a bucket: audit, history, verify, cleanup, doctor. */
@NullMarked
package dev.s3dock.cli.bucket;

import org.jspecify.annotations.NullMarked;
