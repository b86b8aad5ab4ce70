/**
 * The documents of an image: config, manifest, index (OCI image-spec), and Docker's {@code
 * manifest.json}.
 */
@NullMarked
package dev.s3dock.archive.oci;

import org.jspecify.annotations.NullMarked;
