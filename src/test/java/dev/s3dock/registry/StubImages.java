package dev.s3dock.registry;

import dev.s3dock.image.ImageReference;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;

/** Images that are published and hold nothing, where only their names count. */
public final class StubImages {
  private StubImages() {}

  /** Publishes these. */
  public static void publish(ObjectStore store, Clock clock, ImageReference... references) {
    for (ImageReference reference : references) {
      ImageKey key = BucketLayout.image(reference);
      ETag archive =
          store.put(
              key.archive(ArchiveForm.GZIP),
              reference.toString().getBytes(StandardCharsets.UTF_8),
              Precondition.none());
      new Images(store, clock)
          .writes()
          .publish(
              key,
              new ImageMetadata("0".repeat(32), 7, Optional.empty()),
              archive,
              Optional.empty());
    }
  }
}
