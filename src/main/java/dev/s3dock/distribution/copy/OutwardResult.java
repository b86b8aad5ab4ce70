package dev.s3dock.distribution.copy;

import dev.s3dock.image.Digest;

/**
 * What was copied into a registry.
 *
 * @param digest of the manifest or index under the tag
 * @param platforms how many images that is
 * @param skipped true if the tag led to it already
 * @param sent bytes of layers and configs
 * @param saved bytes of those that the registry had already
 */
public record OutwardResult(Digest digest, int platforms, boolean skipped, long sent, long saved) {}
