/** Child processes: both pipes are read at once, and every run has a deadline. */
@NullMarked
package dev.s3dock.process;

import org.jspecify.annotations.NullMarked;
