/**
 * From an engine or a file into the bucket: what is there already is skipped or copied inside the
 * store, the rest is sent ({@code docs/transfers.md}).
 */
@NullMarked
package dev.s3dock.transfer.push;

import org.jspecify.annotations.NullMarked;
