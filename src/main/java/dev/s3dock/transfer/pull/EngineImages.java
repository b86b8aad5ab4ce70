package dev.s3dock.transfer.pull;

import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Finds out which image an engine holds under a name. */
final class EngineImages {
  private final Engine engine;
  private final ImageStore kind;

  /** Asked for only where the engine has the containerd store. */
  interface ManifestDigest {
    Digest get() throws IOException;
  }

  EngineImages(Engine engine) {
    this.engine = engine;
    this.kind = engine.info().imageStore();
  }

  /**
   * True if the engine's image under this name has this identity, and nothing of it is missing.
   *
   * @param imageId digest of the image's config
   * @param manifest digest of the manifest that s3dock writes for it. An engine with the containerd
   *     store calls images by the digest of their manifest; one that came there in another form has
   *     another one, and then the image itself is read.
   */
  boolean holds(String reference, Digest imageId, ManifestDigest manifest) throws IOException {
    Optional<EngineImage> held = engine.inspect(reference);
    if (held.isEmpty()) {
      return false;
    }
    String id = held.get().id();
    if (id.equals(imageId.toString())) {
      return true;
    }
    if (kind != ImageStore.CONTAINERD) {
      return false;
    }
    return engine.isWhole(reference)
        && (id.equals(manifest.get().toString()) || configDigest(reference).equals(imageId));
  }

  /** How the engine keeps its images. */
  ImageStore kind() {
    return kind;
  }

  private Digest configDigest(String reference) throws IOException {
    try (InputStream export = engine.export(reference)) {
      return ImageScanner.scan(ImageSource.ofStream(export, reference).withReference(reference))
          .imageId();
    }
  }
}
