/**
 * Garbage collection: which images nothing needs any more, and how they are removed so that no
 * pointer is left without its image ({@code docs/adr/0031}).
 */
@NullMarked
package dev.s3dock.registry.gc;

import org.jspecify.annotations.NullMarked;
