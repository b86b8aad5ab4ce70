package dev.s3dock.registry;

import dev.s3dock.image.Version;
import dev.s3dock.registry.Pointer.Target;
import dev.s3dock.store.ObjectKey;
import java.util.Optional;
import java.util.function.Function;

/** Where a pointer leads to in the end, by way of a version if it targets one. */
public sealed interface Destination {
  /** An image, which may not be published any more. */
  record Image(Target.OfImage target) implements Destination {}

  /** A version that does not exist. */
  record NoVersion(ObjectKey version) implements Destination {}

  /**
   * A version that leads to another version, which none does.
   *
   * @param from the pointer that does
   */
  record Chain(ObjectKey from, Version to) implements Destination {}

  /**
   * Follows a pointer.
   *
   * @param read reads the version's pointer; called once at the most
   */
  static Destination of(Pointer pointer, Function<ObjectKey, Optional<Pointer>> read) {
    boolean isVersion = BucketLayout.parseTag(pointer.key()).isPresent();
    return switch (pointer.target()) {
      case Target.OfImage image -> new Image(image);
      case Target.OfVersion version when isVersion -> new Chain(pointer.key(), version.version());
      case Target.OfVersion version ->
          read.apply(version.key())
              .map(found -> of(found, read))
              .orElseGet(() -> new NoVersion(version.key()));
    };
  }
}
