/** One run of the program: its process, the options of every command, and how it may end. */
@NullMarked
package dev.s3dock.cli.invocation;

import org.jspecify.annotations.NullMarked;
