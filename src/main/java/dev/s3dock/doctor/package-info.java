/**
 * Examines whether a machine can do its job with a bucket: checks that run side by side, each with
 * a deadline, and what each role may and must be able to do.
 */
@NullMarked
package dev.s3dock.doctor;

import org.jspecify.annotations.NullMarked;
