package dev.s3dock.registry.promotion;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.TagEvent;
import dev.s3dock.store.ObjectKey;
import java.util.Optional;
import java.util.function.Consumer;

/** Gives versions to images. */
public final class Tags {
  private final Images images;
  private final Pointers pointers;
  private final AuditLog audit;

  /** Creates the use case over these parts of one store. */
  public Tags(Images images, Pointers pointers, AuditLog audit) {
    this.images = images;
    this.pointers = pointers;
    this.audit = audit;
  }

  /**
   * What tagging did.
   *
   * @param key of the version's object
   * @param skipped true if the version was that image's already
   */
  public record Tagged(ImageReference image, Version version, ObjectKey key, boolean skipped) {}

  /** As below; whoever follows the version is moved along. */
  public Tagged tag(ImageReference reference, Version version, boolean move) {
    return tag(reference, version, move, before -> {});
  }

  /**
   * Points a version at a published image. A version is written once.
   *
   * @param move allows to take the version from another image
   * @param consent asked before that with what the version is now; it throws if it is to stay
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if the image is not
   *     published; {@link RegistryException.Kind#CONFLICT} if the version is another image's, or
   *     would have the name of an environment
   */
  public Tagged tag(
      ImageReference reference, Version version, boolean move, Consumer<Pointer> consent) {
    Published image = images.require(reference);
    ObjectKey key = BucketLayout.tag(reference.app(), version);
    Optional<Pointer> before = pointers.find(reference.app(), version);
    Pointer.Target target = Pointer.Target.OfImage.of(image);
    if (before.isPresent() && before.get().target().equals(target)) {
      return new Tagged(reference, version, key, true);
    }
    if (before.isPresent() && !move) {
      throw RegistryException.conflict(
          "version %s of %s is %s since %s; choose another version, or move this one with --move"
              .formatted(
                  version,
                  reference.app(),
                  Printable.of(before.get().sourceImage()),
                  Printable.time(before.get().promotedAt())));
    }
    if (before.isEmpty()) {
      requireNoEnvironment(reference.app(), version);
    }
    before.ifPresent(consent);
    pointers.move(key, before, target, image.key());
    audit.append(
        reference,
        new TagEvent(
            reference.toString(),
            version.value(),
            key.value(),
            before.map(p -> p.target().key().value()).orElse("")));
    return new Tagged(reference, version, key, false);
  }

  /** {@code APP:NAME} means either; hosts that pull an environment would be refused. */
  private void requireNoEnvironment(AppName app, Version version) {
    if (Environment.isValid(version.value())
        && pointers.find(app, new Environment(version.value())).isPresent()) {
      throw RegistryException.conflict(
          "%1$s is an environment of %2$s, and %2$s:%1$s would name both: choose another version"
              .formatted(version, app));
    }
  }
}
