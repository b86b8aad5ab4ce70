/**
 * A client of registries that speak the OCI distribution specification 1.1: manifests, blobs and
 * uploads of one repository.
 */
@NullMarked
package dev.s3dock.distribution.client;

import org.jspecify.annotations.NullMarked;
