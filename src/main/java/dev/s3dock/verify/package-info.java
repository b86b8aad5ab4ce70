/**
 * Is what is stored what it says: pointers, metadata, archives, byte by byte where asked ({@code
 * docs/verify.md}).
 */
@NullMarked
package dev.s3dock.verify;

import org.jspecify.annotations.NullMarked;
