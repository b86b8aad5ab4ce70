/** Makes the parts that a command works with, out of configuration and options. */
@NullMarked
package dev.s3dock.cli.wiring;

import org.jspecify.annotations.NullMarked;
