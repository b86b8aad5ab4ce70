/** What is shown on stderr while a command runs. */
@NullMarked
package dev.s3dock.cli.progress;

import org.jspecify.annotations.NullMarked;
