/**
 * From the bucket into an engine or a file: what is there already is not fetched ({@code
 * docs/pulls.md}).
 */
@NullMarked
package dev.s3dock.transfer.pull;

import org.jspecify.annotations.NullMarked;
