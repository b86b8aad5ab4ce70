/** The commands about what runs on this host. */
@NullMarked
package dev.s3dock.cli.deploy;

import org.jspecify.annotations.NullMarked;
