package dev.s3dock.registry.promotion;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.audit.AuditTrail.Former;
import dev.s3dock.registry.audit.PromotionEvent;
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
   * @param created true if there was no such environment before
   */
  public record Promoted(
      String source,
      String sourceType,
      Environment environment,
      ImageReference image,
      boolean skipped,
      boolean created) {}

  /** Promotes an image; the environment may be a new one. */
  public Promoted promote(
      ImageReference reference, Environment environment, Optional<ImageReference> expected) {
    return promote(reference, environment, expected, true);
  }

  /**
   * Promotes an image.
   *
   * @param expected if set, the image that the environment must have now
   * @param create whether the environment may be a new one where the app has others
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if the image is not
   *     published, or there is no such environment; {@link RegistryException.Kind#CONFLICT} if the
   *     environment is not at {@code expected}, or somebody else moved it meanwhile
   */
  public Promoted promote(
      ImageReference reference,
      Environment environment,
      Optional<ImageReference> expected,
      boolean create) {
    Published image = images.require(reference);
    Way way =
        new Way(
            reference, Optional.empty(), environment, before(reference.app(), environment, create));
    expected.ifPresent(e -> requireAt(e, environment, way.before()));
    return promote(Pointer.Target.OfImage.of(image), image.key(), way);
  }

  /** Promotes a version; the environment may be a new one. */
  public Promoted promote(
      AppName app, Version version, Environment environment, Optional<ImageReference> expected) {
    return promote(app, version, environment, expected, true);
  }

  /** Promotes a version; the environment follows it should it ever be moved. */
  public Promoted promote(
      AppName app,
      Version version,
      Environment environment,
      Optional<ImageReference> expected,
      boolean create) {
    Pointer tag = tag(app, version);
    ImageKey image = pointers.requireImage(tag).key();
    Way way =
        new Way(
            image.reference(), Optional.of(version), environment, before(app, environment, create));
    expected.ifPresent(e -> requireAt(e, environment, way.before()));
    return promote(new Pointer.Target.OfVersion(tag.key(), version), image, way);
  }

  /**
   * How an environment is to be moved.
   *
   * @param version that is promoted; empty for the image itself
   * @param before the environment as it was read; empty if nothing was promoted to it
   * @param rollout how hosts are to follow, as the pointer is to say; empty if all do at once
   */
  public record Way(
      ImageReference image,
      Optional<Version> version,
      Environment environment,
      Optional<Pointer> before,
      Optional<ObjectNode> rollout) {
    /** All hosts follow at once. */
    public Way(
        ImageReference image,
        Optional<Version> version,
        Environment environment,
        Optional<Pointer> before) {
      this(image, version, environment, before, Optional.empty());
    }

    /** The same, with a rollout. */
    public Way with(ObjectNode how) {
      return new Way(image, version, environment, before, Optional.of(how));
    }

    /** What is promoted: {@code app:stamp-hash}, or {@code app:version}. */
    public String source() {
      return version.map(it -> image.app() + ":" + it).orElseGet(image::toString);
    }
  }

  /** The way to an image; see {@link #promote(ImageReference, Environment, Optional, boolean)}. */
  public Way way(ImageReference reference, Environment environment, boolean create) {
    images.require(reference);
    return new Way(
        reference, Optional.empty(), environment, before(reference.app(), environment, create));
  }

  /** The way to a version. */
  public Way way(AppName app, Version version, Environment environment, boolean create) {
    return new Way(
        pointers.requireImage(tag(app, version)).key().reference(),
        Optional.of(version),
        environment,
        before(app, environment, create));
  }

  private Optional<Pointer> before(AppName app, Environment environment, boolean create) {
    Optional<Pointer> before = pointers.find(app, environment);
    if (before.isEmpty()) {
      requireNoVersion(app, environment);
    }
    if (before.isEmpty() && !create) {
      catalog.requireFirst(app, environment);
    }
    return before;
  }

  /** As {@link Tags} looks for an environment. */
  private void requireNoVersion(AppName app, Environment environment) {
    if (Version.isValid(environment.value())
        && pointers.find(app, new Version(environment.value())).isPresent()) {
      throw RegistryException.conflict(
          "%1$s is a version of %2$s, and %2$s:%1$s would name both: choose another environment"
              .formatted(environment, app));
    }
  }

  private Pointer tag(AppName app, Version version) {
    return pointers.find(app, version).orElseThrow(() -> catalog.noVersion(app, version));
  }

  /**
   * The way back to what an environment led to before, and was live then.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if nothing was promoted to
   *     it; {@link RegistryException.Kind#CONFLICT} if there is nothing to go back to
   */
  public Way wayBack(AppName app, Environment environment, AuditTrail trail) {
    Pointer now =
        pointers.find(app, environment).orElseThrow(() -> catalog.noEnvironment(app, environment));
    ImageReference present = pointers.follow(now).reference();
    Former former =
        trail
            .formerTarget(app, environment, now, present)
            .orElseThrow(
                () ->
                    RegistryException.conflict(
                        "%s of %s cannot be rolled back: no other image was live and healthy there before %s; name one with --to"
                            .formatted(environment, app, present)));
    Optional<ImageReference> image =
        BucketLayout.parseImage(former.target()).map(ImageKey::reference);
    if (image.isPresent()) {
      return new Way(image.get(), Optional.empty(), environment, Optional.of(now));
    }
    Version version =
        BucketLayout.parseTag(former.target())
            .orElseThrow(
                () -> Documents.corrupt(former.target(), "is neither an image nor a version"));
    return way(app, version, former, now, environment);
  }

  /** A version that was moved since is not what was live. */
  private Way way(
      AppName app, Version version, Former former, Pointer now, Environment environment) {
    Optional<ImageReference> leadsTo =
        pointers.find(app, version).map(it -> pointers.follow(it).reference());
    ImageReference image =
        former.image().or(() -> leadsTo).orElseThrow(() -> catalog.noVersion(app, version));
    boolean still = leadsTo.equals(Optional.of(image));
    return new Way(image, Optional.of(version).filter(_ -> still), environment, Optional.of(now));
  }

  /**
   * Moves an environment back to what it led to before, and was live then.
   *
   * @return what it leads to now
   * @throws RegistryException as {@link #wayBack} and {@link #go}
   */
  public Promoted back(AppName app, Environment environment, AuditTrail trail) {
    return go(wayBack(app, environment, trail));
  }

  /**
   * Goes a way, if it still begins and ends where it did.
   *
   * @param expected if set, the image that the environment must have now
   * @throws RegistryException {@link RegistryException.Kind#CONFLICT} if the environment or the
   *     version was moved meanwhile
   */
  public Promoted go(Way way, Optional<ImageReference> expected) {
    expected.ifPresent(e -> requireAt(e, way.environment(), way.before()));
    return go(way);
  }

  /** The same wherever the environment is. */
  public Promoted go(Way way) {
    AppName app = way.image().app();
    if (way.version().isEmpty()) {
      Published image = images.require(way.image());
      return promote(Pointer.Target.OfImage.of(image), image.key(), way);
    }
    Version version = way.version().get();
    Pointer tag = tag(app, version);
    ImageKey image = pointers.requireImage(tag).key();
    if (!image.reference().equals(way.image())) {
      throw RegistryException.conflict(
          "version %s of %s was moved from %s to %s meanwhile; nothing was promoted"
              .formatted(version, app, way.image(), image.reference()));
    }
    return promote(new Pointer.Target.OfVersion(tag.key(), version), image, way);
  }

  private Promoted promote(Pointer.Target target, ImageKey image, Way way) {
    ImageReference reference = image.reference();
    ObjectKey key = BucketLayout.pointer(reference.app(), way.environment());
    Optional<Pointer> before = way.before();
    boolean skipped =
        before.isPresent()
            && before.get().target().equals(target)
            && before.get().sourceImage().equals(reference.toString())
            && (way.rollout().isPresent() || before.get().rollout().isEmpty());
    if (!skipped) {
      pointers.move(key, before, target, image, way.rollout());
    }
    String type = target instanceof Pointer.Target.OfImage ? "image" : "tag";
    audit.append(
        reference,
        new PromotionEvent(
            way.environment().value(),
            way.source(),
            type,
            key.value(),
            before.map(p -> p.target().key().value()).orElse(""),
            skipped,
            way.rollout().map(plan -> Documents.text(plan, "id")).orElse("")));
    return new Promoted(
        way.source(), type, way.environment(), reference, skipped, before.isEmpty());
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
