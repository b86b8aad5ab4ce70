package dev.s3dock.registry.reference;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.reference.References.Named;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what leads to an image: versions, environments, and hosts. It reads all of them that the
 * app has; what is damaged leads nowhere, and is passed over.
 */
public final class Referrers {
  private final References references;

  /** Referrers in one store. */
  public Referrers(ObjectStore store, Pointers pointers) {
    this.references =
        new References(
            store, pointers, References.Unreadable.IS_PASSED_OVER, ParallelReads.AT_ONCE);
  }

  /**
   * What leads to an image.
   *
   * @param versions highest first
   */
  public record Found(
      List<Version> versions, List<OfEnvironment> environments, List<OfHost> hosts) {
    public Found {
      versions = List.copyOf(versions);
      environments = List.copyOf(environments);
      hosts = List.copyOf(hosts);
    }
  }

  /** An environment that is at the image, by way of a version if one was promoted. */
  public record OfEnvironment(Environment environment, Optional<Version> version) {}

  /**
   * A host that reports the image.
   *
   * @param live false if the host only keeps it, to go back to
   */
  public record OfHost(String host, Environment environment, boolean live) {}

  /** Looks for what leads to this image, whatever its platform. */
  public Found of(ImageKey image) {
    AppName app = image.reference().app();
    List<Version> versions =
        references.versions(app).stream()
            .filter(version -> leadsTo(version.pointer(), image, Set.of()))
            .map(Named::name)
            .sorted(Comparator.reverseOrder())
            .toList();
    Set<Version> all = new HashSet<>(versions);
    List<OfEnvironment> environments =
        references.environments(app).stream()
            .filter(environment -> leadsTo(environment.pointer(), image, all))
            .map(it -> new OfEnvironment(it.name(), version(it.pointer())))
            .toList();
    List<OfHost> hosts =
        references.reports(app).stream().flatMap(report -> of(report, image).stream()).toList();
    return new Found(versions, environments, hosts);
  }

  /** The environments that follow a version: where it goes, they go. */
  public List<Environment> followers(AppName app, Version version) {
    return references.followers(app, version);
  }

  /**
   * What versions and environments lead to, by image.
   *
   * @param versions highest first
   * @param environments by name
   */
  public record Names(
      Map<ImageReference, List<Version>> versions,
      Map<ImageReference, List<Environment>> environments) {
    private Names() {
      this(new HashMap<>(), new HashMap<>());
    }

    private static <N> void add(Map<ImageReference, List<N>> names, ImageReference image, N name) {
      names.computeIfAbsent(image, it -> new ArrayList<>()).add(name);
    }
  }

  /** The names of all images of an app. */
  public Names names(AppName app) {
    Names names = new Names();
    Map<Version, ImageReference> images = new HashMap<>();
    for (Named<Version> version : references.versions(app)) {
      if (version.pointer().target() instanceof Pointer.Target.OfImage of) {
        images.put(version.name(), of.image().reference());
        Names.add(names.versions, of.image().reference(), version.name());
      }
    }
    for (Named<Environment> environment : references.environments(app)) {
      ImageReference image =
          switch (environment.pointer().target()) {
            case Pointer.Target.OfImage of -> of.image().reference();
            case Pointer.Target.OfVersion of -> images.get(of.version());
          };
      if (image != null) {
        Names.add(names.environments, image, environment.name());
      }
    }
    names.versions.values().forEach(all -> all.sort(Comparator.reverseOrder()));
    return names;
  }

  private static boolean leadsTo(Pointer pointer, ImageKey image, Set<Version> versions) {
    return switch (pointer.target()) {
      case Pointer.Target.OfImage of ->
          of.image().reference().equals(image.reference())
              && of.image().month().equals(image.month());
      case Pointer.Target.OfVersion of -> versions.contains(of.version());
    };
  }

  private static Optional<Version> version(Pointer pointer) {
    return pointer.target() instanceof Pointer.Target.OfVersion of
        ? Optional.of(of.version())
        : Optional.empty();
  }

  private static Optional<OfHost> of(HostReport report, ImageKey image) {
    boolean live = report.image().equals(Optional.of(image.reference()));
    boolean kept = report.previous().equals(Optional.of(image.reference()));
    return (live || kept) && Environment.isValid(report.environment())
        ? Optional.of(new OfHost(report.host(), new Environment(report.environment()), live))
        : Optional.empty();
  }
}
