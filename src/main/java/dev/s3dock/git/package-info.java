/**
 * The git repository an image is built from: whether it is clean, and which commit it is at.
 *
 * <p>Asks the {@code git} program; docs/adr/0003 says why.
 */
@NullMarked
package dev.s3dock.git;

import org.jspecify.annotations.NullMarked;
