package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Deployments.Report;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds what leads to an image: versions, environments, and hosts. It reads all of them that the
 * app has; what is damaged leads nowhere, and is passed over.
 */
public final class Referrers {
  private final ObjectStore store;
  private final Pointers pointers;

  public Referrers(ObjectStore store, Pointers pointers) {
    this.store = store;
    this.pointers = pointers;
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
        pointers(BucketLayout.tagFolder(app), BucketLayout::parseTag).stream()
            .filter(entry -> leadsTo(entry.pointer(), image, Set.of()))
            .map(Entry::name)
            .sorted(Comparator.reverseOrder())
            .toList();
    Set<Version> all = new HashSet<>(versions);
    List<OfEnvironment> environments =
        pointers(BucketLayout.pointerFolder(app), BucketLayout::parsePointer).stream()
            .filter(entry -> leadsTo(entry.pointer(), image, all))
            .map(entry -> new OfEnvironment(entry.name(), version(entry.pointer())))
            .toList();
    return new Found(versions, environments, hosts(image));
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

  private record Entry<N>(N name, Pointer pointer) {}

  private <N> List<Entry<N>> pointers(String folder, Function<ObjectKey, Optional<N>> parseName) {
    List<Entry<N>> found = new ArrayList<>();
    try (Stream<ObjectKey> keys = store.list(folder).map(object -> object.key())) {
      ParallelReads.inOrder(
          keys.filter(key -> parseName.apply(key).isPresent()).iterator(),
          key -> pointer(key).flatMap(p -> parseName.apply(key).map(name -> new Entry<>(name, p))),
          entry -> entry.ifPresent(found::add));
    }
    return found;
  }

  private Optional<Pointer> pointer(ObjectKey key) {
    try {
      return pointers.read(key);
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  private List<OfHost> hosts(ImageKey image) {
    AppName app = image.reference().app();
    List<OfHost> hosts = new ArrayList<>();
    for (Environment environment : deployedTo(app)) {
      String folder = BucketLayout.deploymentFolder(app, environment);
      try (Stream<ObjectKey> keys = store.list(folder).map(object -> object.key())) {
        ParallelReads.inOrder(
            keys.filter(BucketLayout::isDeployment).iterator(),
            this::report,
            report -> report.flatMap(it -> of(it, environment, image)).ifPresent(hosts::add));
      }
    }
    return hosts;
  }

  private static Optional<OfHost> of(Report report, Environment environment, ImageKey image) {
    boolean live = report.image().equals(image.reference());
    boolean kept = report.previous().equals(Optional.of(image.reference()));
    return live || kept
        ? Optional.of(new OfHost(report.host(), environment, live))
        : Optional.empty();
  }

  private List<Environment> deployedTo(AppName app) {
    try (Stream<String> folders = store.listFolders(BucketLayout.deploymentFolder(app))) {
      return folders.filter(Environment::isValid).map(Environment::new).toList();
    }
  }

  private Optional<Report> report(ObjectKey key) {
    try {
      return store.get(key, Deployments.MAX_BYTES).map(Deployments::parse);
    } catch (RegistryException | InvalidNameException e) {
      return Optional.empty();
    }
  }
}
