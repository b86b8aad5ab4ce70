package dev.s3dock.registry.gc;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.reference.References;
import dev.s3dock.registry.reference.References.Named;
import dev.s3dock.registry.reference.Referrers;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Finds which images of an app must not be removed, and why. An object that cannot be read might
 * need any image, so it is an error here: other than {@link Referrers}, this decides what is lost.
 */
public final class LiveReferences {
  private final References references;
  private final Pointers pointers;
  private final AuditTrail trail;
  private final int atOnce;

  /** Live references in one store. */
  public LiveReferences(ObjectStore store, Pointers pointers, AuditTrail trail) {
    this(store, pointers, trail, ParallelReads.AT_ONCE);
  }

  LiveReferences(ObjectStore store, Pointers pointers, AuditTrail trail, int atOnce) {
    this.references = new References(store, pointers, References.Unreadable.FAILS, atOnce);
    this.pointers = pointers;
    this.trail = trail;
    this.atOnce = atOnce;
  }

  /**
   * Those of some images that are needed, with the reason. The audit trail is read only if nothing
   * else needs one of them, and no further back than it takes to know.
   *
   * @param targets so many images that an environment was at last
   */
  Map<ImageReference, String> among(AppName app, Set<ImageReference> images, int targets) {
    Map<ImageReference, String> needed = new HashMap<>();
    Map<String, String> versionOf = new HashMap<>();
    references(app, needed, versionOf);
    needed.keySet().retainAll(images);
    Set<ImageReference> others = new HashSet<>(images);
    others.removeAll(needed.keySet());
    if (!others.isEmpty()) {
      trail
          .lastTargets(app, versionOf, targets, others, atOnce)
          .forEach((image, where) -> needed.put(image, "was at " + where + " lately"));
    }
    return needed;
  }

  /**
   * What a host must not be without: what environments are at, and what it reports itself, with the
   * reason.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if an object that may need an
   *     image cannot be read
   */
  public Map<ImageReference, String> onHost(AppName app, String host) {
    Map<ImageReference, String> needed = new HashMap<>();
    for (Named<Environment> environment : references.environments(app)) {
      needed.putIfAbsent(
          pointers.follow(environment.pointer()).reference(), environment.name() + " is at it");
    }
    for (HostReport report : references.reports(app)) {
      if (report.host().equals(host)) {
        report.image().ifPresent(image -> needed.putIfAbsent(image, "live here"));
        report.previous().ifPresent(image -> needed.putIfAbsent(image, "kept here to go back to"));
      }
    }
    return needed;
  }

  /**
   * What pointers, versions and hosts lead to. Costs a listing of each, and a read of each object.
   */
  Map<ImageReference, String> references(AppName app) {
    Map<ImageReference, String> needed = new HashMap<>();
    references(app, needed, new HashMap<>());
    return needed;
  }

  /** What of the app needs an image: each by its name. */
  List<String> reasons(AppName app, ImageReference image) {
    List<String> reasons = new ArrayList<>();
    references(
        app,
        (needed, reason) -> {
          if (needed.equals(image) && !reasons.contains(reason)) {
            reasons.add(reason);
          }
        },
        new HashMap<>());
    return reasons;
  }

  private void references(
      AppName app, Map<ImageReference, String> needed, Map<String, String> versionOf) {
    references(app, needed::putIfAbsent, versionOf);
  }

  private void references(
      AppName app, BiConsumer<ImageReference, String> needed, Map<String, String> versionOf) {
    Map<Version, ImageReference> versions = new HashMap<>();
    for (Named<Version> version : references.versions(app)) {
      String name = "version " + version.name();
      target(version.pointer()).ifPresent(image -> versions.put(version.name(), image));
      target(version.pointer()).ifPresent(image -> needed.accept(image, name));
      source(version.pointer(), app).ifPresent(image -> needed.accept(image, name));
    }
    for (Named<Environment> environment : references.environments(app)) {
      addImages(environment, app, versions, needed);
      versionOf.put(environment.name().value(), environment.pointer().sourceTag());
    }
    for (HostReport report : references.reports(app)) {
      report.image().ifPresent(i -> needed.accept(i, "live on " + report.host()));
      report.previous().ifPresent(i -> needed.accept(i, "kept on " + report.host()));
    }
  }

  /**
   * What an environment is at, by way of a version if it follows one; and what it was at when its
   * pointer was written, since the version may have been moved.
   */
  private static void addImages(
      Named<Environment> environment,
      AppName app,
      Map<Version, ImageReference> versions,
      BiConsumer<ImageReference, String> needed) {
    Pointer pointer = environment.pointer();
    Optional<ImageReference> now;
    switch (pointer.target()) {
      case Pointer.Target.OfImage of -> {
        now = Optional.of(of.image().reference());
        needed.accept(of.image().reference(), environment.name().value());
      }
      case Pointer.Target.OfVersion of -> {
        now = Optional.ofNullable(versions.get(of.version()));
        now.ifPresent(
            image -> needed.accept(image, "%s by %s".formatted(environment.name(), of.version())));
      }
    }
    source(pointer, app)
        .filter(image -> !now.equals(Optional.of(image)))
        .ifPresent(image -> needed.accept(image, "was at %s lately".formatted(environment.name())));
  }

  private static Optional<ImageReference> target(Pointer pointer) {
    return pointer.target() instanceof Pointer.Target.OfImage of
        ? Optional.of(of.image().reference())
        : Optional.empty();
  }

  /** What was the image of the target when the pointer was written. */
  private static Optional<ImageReference> source(Pointer pointer, AppName app) {
    String source = pointer.sourceImage();
    return ImageReference.ofTag(app, source.substring(source.indexOf(':') + 1));
  }
}
