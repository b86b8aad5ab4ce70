/**
 * What is taken in: {@code docker save}, OCI archives, OCI layout folders. A source is read once
 * and verified on the way.
 */
@NullMarked
package dev.s3dock.archive.source;

import org.jspecify.annotations.NullMarked;
