package dev.s3dock.verify;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Destination;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Manifests.ManifestObject;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointer.Target;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditEntry;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.verify.ConsistentRead.Look;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Are the small objects of an app sound: do versions, environments and hosts' reports lead to
 * images that are published, and can everything be read? A few are read at once; memory does not
 * grow with their number.
 */
final class MetadataVerifier {
  private static final int MAX_EVENT_BYTES = 1 << 20;
  private static final String CLEANUP = "nothing is lost; s3dock cleanup removes it after a day";
  private static final String PROMOTE = "promote an image that is published";

  private final ObjectStore store;
  private final ConsistentRead reread;
  private final int atOnce;
  private final Images images;

  /**
   * Checks versions, environments and reports of one store.
   *
   * @param atOnce how many objects are looked at at the same time
   */
  public MetadataVerifier(ObjectStore store, Images images, ConsistentRead reread, int atOnce) {
    this.store = store;
    this.images = images;
    this.reread = reread;
    this.atOnce = atOnce;
  }

  /**
   * What was found of one object; nothing if it is sound.
   *
   * @param removed true if it only says that there was a version or an environment of this name
   */
  public record Checked(ObjectKey key, List<Finding> findings, boolean removed) {
    public Checked {
      findings = List.copyOf(findings);
    }
  }

  /**
   * Checks all objects of a part, in the order of their keys.
   *
   * @param stray told of keys that do not belong there
   * @return how many objects there were
   */
  public long check(
      AppName app, MetadataKind part, Consumer<Finding> stray, Consumer<Checked> consumer) {
    long[] count = {0};
    Predicate<ObjectKey> known =
        key -> {
          count[0]++;
          if (!part.isIn(key)) {
            stray.accept(Finding.stray(key));
          }
          return part.isIn(key);
        };
    try (Stream<ObjectStat> objects = store.list(part.folder(app))) {
      Iterator<ObjectKey> keys = objects.map(ObjectStat::key).filter(known).iterator();
      ParallelReads.inOrder(atOnce, keys, key -> check(app, part, key), consumer);
    }
    return count[0];
  }

  /** Checks one version or environment; nothing is found where there is none. */
  public Checked check(AppName app, MetadataKind part, ObjectKey key) {
    AtomicBoolean removed = new AtomicBoolean();
    Function<ObjectKey, Look> look =
        switch (part) {
          case VERSIONS, ENVIRONMENTS -> it -> pointer(it, removed);
          case REPORTS -> this::report;
          case MANIFESTS -> it -> manifest(app, it);
          case EVENTS -> this::event;
        };
    try {
      return new Checked(key, reread.confirm(key, () -> look.apply(key)), removed.get());
    } catch (StoreException e) {
      return new Checked(key, ConsistentRead.notChecked(key.value(), e), false);
    }
  }

  private Look pointer(ObjectKey key, AtomicBoolean removed) {
    Trail trail = new Trail(store, images);
    try {
      Optional<Pointer> found = trail.get(key, Pointer.MAX_BYTES).flatMap(Pointer::parse);
      removed.set(found.isEmpty());
      found.ifPresent(pointer -> follow(pointer, trail));
    } catch (RegistryException e) {
      trail.findings.add(Finding.unreadable(key, e));
    } catch (StoreException e) {
      trail.findings.add(tooLarge(key, e));
    }
    return trail.look();
  }

  private static void follow(Pointer pointer, Trail trail) {
    Destination destination;
    try {
      destination =
          Destination.of(pointer, key -> trail.get(key, Pointer.MAX_BYTES).flatMap(Pointer::parse));
    } catch (RegistryException | StoreException e) {
      if (e instanceof StoreException failed) {
        tooLarge(pointer.target().key(), failed);
      }
      trail.damage(
          pointer.key(),
          "follows %s, which is damaged".formatted(pointer.target().key()),
          Documents.RESTORE);
      return;
    }
    switch (destination) {
      case Destination.Image image -> requirePublished(pointer, image.target(), trail);
      case Destination.NoVersion none ->
          trail.damage(
              pointer.key(),
              "follows %s, which is gone".formatted(none.version()),
              "tag the image again, or " + PROMOTE);
      case Destination.Chain chain when chain.from().equals(pointer.key()) ->
          trail.damage(
              pointer.key(),
              "leads to another version, " + chain.to(),
              "tag an image again with --move");
      case Destination.Chain chain ->
          trail.damage(
              pointer.key(),
              "follows %s, which leads to another version".formatted(chain.from()),
              PROMOTE);
    }
  }

  private static void requirePublished(Pointer pointer, Target.OfImage image, Trail trail) {
    if (trail.isPublished(image.image())) {
      return;
    }
    boolean isVersion = BucketLayout.parseTag(pointer.key()).isPresent();
    trail.damage(
        pointer.key(),
        pointer.target() instanceof Target.OfVersion version
            ? "follows %s to %s, which is not published".formatted(version.key(), image.key())
            : "leads to %s, which is not published".formatted(image.key()),
        "push the image again, or "
            + (isVersion ? "move the version with s3dock tag --move" : PROMOTE));
  }

  private Look report(ObjectKey key) {
    Trail trail = new Trail(store, images);
    try {
      trail
          .get(key, HostReport.MAX_BYTES)
          .map(HostReport::parse)
          .ifPresent(report -> follow(key, report, trail));
    } catch (RegistryException e) {
      trail.findings.add(Finding.unreadable(key, e));
    } catch (StoreException e) {
      trail.findings.add(tooLarge(key, e));
    }
    return trail.look();
  }

  private static void follow(ObjectKey key, HostReport report, Trail trail) {
    if (report.image().filter(image -> !trail.isPublished(image)).isPresent()) {
      trail.damage(
          key,
          "says that %s runs %s, which is not published"
              .formatted(Printable.of(report.host()), report.image().get()),
          "push the image again; if there is no such host any more, remove this object");
    }
    report
        .previous()
        .filter(previous -> !trail.isPublished(previous))
        .ifPresent(
            previous ->
                trail.findings.add(
                    Finding.note(
                        key,
                        "says that %s keeps %s, which is not published any more"
                            .formatted(Printable.of(report.host()), previous),
                        "")));
  }

  private Look manifest(AppName app, ObjectKey key) {
    Trail trail = new Trail(store, images);
    try {
      Digest digest = BucketLayout.parseManifest(key).orElseThrow();
      trail
          .get(key, ManifestObject.MAX_BYTES)
          .map(object -> ManifestObject.parse(app, digest, object))
          .ifPresent(object -> follow(object, trail));
    } catch (RegistryException e) {
      trail.findings.add(Finding.unreadable(key, e));
    } catch (StoreException e) {
      trail.findings.add(tooLarge(key, e));
    }
    return trail.lookForMoreThanNotes();
  }

  private static void follow(ManifestObject object, Trail trail) {
    List<ImageKey> images = object.images();
    if (images.isEmpty()) {
      trail.findings.add(harmless(object, "leads to no image"));
    }
    for (ImageKey image : images) {
      if (!trail.isPublished(image)) {
        trail.findings.add(
            harmless(object, "leads to %s, which is not published".formatted(image.metadata())));
      } else if (!trail.hasManifest(image, object.digest())) {
        trail.findings.add(
            harmless(
                object, "leads to %s, which has another manifest".formatted(image.metadata())));
      }
    }
  }

  /** A push leaves one where it replaces an image or fails; readers compare, and look further. */
  private static Finding harmless(ManifestObject object, String problem) {
    return Finding.note(object.key(), problem, CLEANUP);
  }

  private Look event(ObjectKey key) {
    Trail trail = new Trail(store, images);
    try {
      trail
          .get(key, MAX_EVENT_BYTES)
          .ifPresent(object -> AuditEntry.Event.parse(key, object.content()));
    } catch (RegistryException e) {
      trail.damage(
          key, e.problem(key), "restore the object, or keep in mind that the event is lost");
    } catch (StoreException e) {
      trail.findings.add(tooLarge(key, e));
    }
    return trail.look();
  }

  /** An object far larger than its kind is damage; other failures are thrown. */
  private static Finding tooLarge(ObjectKey key, StoreException e) {
    if (e.kind() != StoreException.Kind.TOO_LARGE) {
      throw e;
    }
    return Finding.damage(key, "is far too large for an object of its kind", Documents.RESTORE);
  }
}
