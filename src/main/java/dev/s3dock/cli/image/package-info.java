/** The commands about images, versions and environments. */
@NullMarked
package dev.s3dock.cli.image;

import org.jspecify.annotations.NullMarked;
