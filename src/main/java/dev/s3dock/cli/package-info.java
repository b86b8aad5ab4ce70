/**
 * The command line: one class per command, which parses, calls and renders. {@link
 * dev.s3dock.cli.wiring.Wiring} makes the adapters, {@link FailureHandler} turns exceptions into
 * messages and exit codes.
 */
@NullMarked
package dev.s3dock.cli;

import org.jspecify.annotations.NullMarked;
