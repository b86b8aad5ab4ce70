package dev.s3dock.registry.promotion;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditEvent;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.store.ObjectKey;
import java.util.Optional;

/** Says what runs where. */
public final class Promotions {
  private final Images images;
  private final Pointers pointers;
  private final Catalog catalog;
  private final AuditLog audit;

  /** Creates the use case over these parts of one store. */
  public Promotions(Images images, Pointers pointers, Catalog catalog, AuditLog audit) {
    this.images = images;
    this.pointers = pointers;
    this.catalog = catalog;
    this.audit = audit;
  }

  /**
   * What a promotion did.
   *
   * @param source what was promoted: {@code app:stamp-hash}, or {@code app:version}
   * @param sourceType {@code image} or {@code tag}
   * @param skipped true if the environment was there already
   */
  public record Promoted(
      String source,
      String sourceType,
      Environment environment,
      ImageReference image,
      boolean skipped) {}

  /**
   * Promotes an image.
   *
   * @param expected if set, the image that the environment must have now
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if the image is not
   *     published; {@link RegistryException.Kind#CONFLICT} if the environment is not at {@code
   *     expected}, or somebody else moved it meanwhile
   */
  public Promoted promote(
      ImageReference reference, Environment environment, Optional<ImageReference> expected) {
    Published image = images.require(reference);
    return promote(
        Pointer.Target.OfImage.of(image), image.key(), reference.toString(), environment, expected);
  }

  /** Promotes a version; the environment follows it should it ever be moved. */
  public Promoted promote(
      AppName app, Version version, Environment environment, Optional<ImageReference> expected) {
    Pointer tag = pointers.find(app, version).orElseThrow(() -> catalog.noVersion(app, version));
    return promote(
        new Pointer.Target.OfVersion(tag.key(), version),
        pointers.requireImage(tag).key(),
        app + ":" + version,
        environment,
        expected);
  }

  /**
   * Moves an environment back to what it led to before it was last moved.
   *
   * @return what it leads to now
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if nothing was promoted to
   *     it; {@link RegistryException.Kind#CONFLICT} if there is nothing to go back to, or somebody
   *     else moved it meanwhile
   */
  public Promoted back(AppName app, Environment environment, AuditTrail trail) {
    Pointer now =
        pointers.find(app, environment).orElseThrow(() -> catalog.noEnvironment(app, environment));
    Optional<ImageReference> present = Optional.of(pointers.follow(now).reference());
    ObjectKey former =
        trail
            .previousTarget(app, environment, now)
            .filter(key -> !key.equals(now.target().key()))
            .orElseThrow(
                () ->
                    RegistryException.conflict(
                        "%s of %s cannot be rolled back: it had no other image before %s; name one with --to"
                            .formatted(environment, app, present.get())));
    return BucketLayout.parseImage(former)
        .map(image -> promote(image.reference(), environment, present))
        .or(() -> BucketLayout.parseTag(former).map(v -> promote(app, v, environment, present)))
        .orElseThrow(() -> Documents.corrupt(former, "is neither an image nor a version"));
  }

  private Promoted promote(
      Pointer.Target target,
      ImageKey image,
      String source,
      Environment environment,
      Optional<ImageReference> expected) {
    ImageReference reference = image.reference();
    ObjectKey key = BucketLayout.pointer(reference.app(), environment);
    Optional<Pointer> before = pointers.find(reference.app(), environment);
    expected.ifPresent(e -> requireAt(e, environment, before));
    boolean skipped =
        before.isPresent()
            && before.get().target().equals(target)
            && before.get().sourceImage().equals(reference.toString());
    if (!skipped) {
      pointers.move(key, before, target, image);
    }
    String type = target instanceof Pointer.Target.OfImage ? "image" : "tag";
    audit.append(
        reference,
        new AuditEvent.Promotion(
            environment.value(),
            source,
            type,
            key.value(),
            before.map(p -> p.target().key().value()).orElse(""),
            skipped));
    return new Promoted(source, type, environment, reference, skipped);
  }

  private void requireAt(
      ImageReference expected, Environment environment, Optional<Pointer> before) {
    String present = before.map(p -> pointers.follow(p).reference().toString()).orElse("nothing");
    if (!present.equals(expected.toString())) {
      throw RegistryException.conflict(
          "%s of %s is at %s, not at the expected %s; nothing was promoted"
              .formatted(environment, expected.app(), present, expected));
    }
  }
}
