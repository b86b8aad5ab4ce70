package dev.s3dock.transfer.push;

import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.transfer.NotedDigests;
import java.util.Optional;

/**
 * Which image config an engine's image ID stands for. With the containerd store the ID is the
 * digest of a manifest, and which config that names shows only in an export. Since an ID is the
 * digest of what it names, what was seen once holds for ever.
 */
record KnownImages(NotedDigests notes) {
  /** The image's identity; empty if this machine has not seen it. */
  Optional<Digest> find(EngineImage image) {
    return name(image).flatMap(notes::find);
  }

  /** Keeps what was seen; failing to do so costs an export the next time. */
  void remember(EngineImage image, Digest imageId) {
    name(image).ifPresent(name -> notes.remember(name, imageId));
  }

  /** What the engine says must not lead out of the folder: it says no digest, then none. */
  private static Optional<String> name(EngineImage image) {
    try {
      return Optional.of(
          Digest.parse(image.id()).hex() + "-" + image.platform().toString().replace('/', '-'));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }
}
