package dev.s3dock.registry.reference;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads what leads to the images of an app: its versions, its environments, and what hosts report.
 * Each kind costs a listing and a read of each object, a few at once.
 */
public final class References {
  private final ObjectStore store;
  private final Pointers pointers;
  private final Unreadable unreadable;
  private final int atOnce;

  /** What becomes of an object that cannot be read. */
  public enum Unreadable {
    /** It might lead to any image: an error. */
    FAILS,
    /** It leads nowhere. */
    IS_PASSED_OVER
  }

  /**
   * References in one store.
   *
   * @param atOnce how many objects are read at the same time
   */
  public References(ObjectStore store, Pointers pointers, Unreadable unreadable, int atOnce) {
    this.store = store;
    this.pointers = pointers;
    this.unreadable = unreadable;
    this.atOnce = atOnce;
  }

  /** A version or an environment, and its pointer. */
  public record Named<N>(N name, Pointer pointer) {}

  /** The versions of an app, in the order of their keys. */
  public List<Named<Version>> versions(AppName app) {
    return pointers(BucketLayout.tagFolder(app), BucketLayout::parseTag);
  }

  /** The environments of an app, in the order of their keys. */
  public List<Named<Environment>> environments(AppName app) {
    return pointers(BucketLayout.pointerFolder(app), BucketLayout::parsePointer);
  }

  /** The environments that follow a version, in the order of their keys. */
  public List<Environment> followers(AppName app, Version version) {
    return environments(app).stream()
        .filter(
            it ->
                it.pointer().target() instanceof Pointer.Target.OfVersion of
                    && of.version().equals(version))
        .map(Named::name)
        .toList();
  }

  /** What hosts say of an app, in the order of its environments. */
  public List<HostReport> reports(AppName app) {
    return read(
        BucketLayout.deploymentFolder(app),
        key ->
            BucketLayout.isDeployment(key)
                ? store.get(key, HostReport.MAX_BYTES).map(HostReport::parse)
                : Optional.empty());
  }

  private <N> List<Named<N>> pointers(String folder, Function<ObjectKey, Optional<N>> parseName) {
    return read(
        folder,
        key ->
            parseName
                .apply(key)
                .flatMap(name -> pointers.read(key).map(p -> new Named<>(name, p))));
  }

  private <T> List<T> read(String folder, Function<ObjectKey, Optional<T>> parse) {
    List<T> found = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(folder)) {
      ParallelReads.inOrder(
          atOnce,
          objects.map(ObjectStat::key).iterator(),
          key -> readable(key, parse),
          object -> object.ifPresent(found::add));
    }
    return found;
  }

  private <T> Optional<T> readable(ObjectKey key, Function<ObjectKey, Optional<T>> parse) {
    try {
      return parse.apply(key);
    } catch (RegistryException | InvalidNameException e) {
      return switch (unreadable) {
        case FAILS ->
            throw e instanceof RegistryException known
                ? known
                : Documents.corrupt(key, "does not name an image");
        case IS_PASSED_OVER -> Optional.empty();
      };
    }
  }
}
