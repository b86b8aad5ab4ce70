/**
 * The OCI distribution protocol over a bucket: what a repository, a tag, a manifest and a blob of a
 * registry are here (distribution-spec 1.1, pull and content discovery).
 */
@NullMarked
package dev.s3dock.distribution;

import org.jspecify.annotations.NullMarked;
