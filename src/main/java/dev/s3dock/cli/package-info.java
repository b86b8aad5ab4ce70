/**
 * The command line: one class per command, which parses, calls and renders. {@link
 * dev.s3dock.cli.Wiring} makes the adapters, {@link dev.s3dock.cli.Failures} turns exceptions into
 * messages and exit codes.
 */
@NullMarked
package dev.s3dock.cli;

import org.jspecify.annotations.NullMarked;
