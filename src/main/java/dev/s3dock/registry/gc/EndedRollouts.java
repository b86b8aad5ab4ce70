package dev.s3dock.registry.gc;

import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.BucketLayout.MarkKey;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.gc.Removal.OfRollout;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The marks of hosts in rollouts that are over: the environment leads elsewhere, or is rolled out
 * anew. Once that is so it stays so, since no later rollout has the same target. Those of the one
 * that an environment has now stay for as long as it has it, done or not: hosts that join or come
 * back take their turns by them.
 */
final class EndedRollouts {
  private final ObjectStore store;
  private final Pointers pointers;
  private final int atOnce;

  EndedRollouts(ObjectStore store, Pointers pointers, int atOnce) {
    this.store = store;
    this.pointers = pointers;
    this.atOnce = atOnce;
  }

  private record Target(String environment, String target) implements Comparable<Target> {
    @Override
    public int compareTo(Target other) {
      int order = environment.compareTo(other.environment);
      return order == 0 ? target.compareTo(other.target) : order;
    }
  }

  private static final class Marks {
    int count;
    long bytes;
    Instant newest = Instant.EPOCH;

    void add(ObjectStat mark) {
      count++;
      bytes += mark.size();
      newest = mark.lastModified().isAfter(newest) ? mark.lastModified() : newest;
    }
  }

  /**
   * Finds those that may go. One listing, and a read of the pointer for each that is old enough;
   * where it leads to a version, of that too. First the marks are listed and then the pointers are
   * read: of what is under way by then, there are no marks in the listing, or the pointer says so.
   *
   * @param before a rollout with a younger mark stays: a host may be at it that was not told yet
   * @param room takes each rollout
   */
  List<OfRollout> find(AppName app, Instant before, Room room) {
    Map<Target, Marks> found = new TreeMap<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.markFolder(app))) {
      objects.forEach(
          object ->
              BucketLayout.parseMark(object.key()).ifPresent(key -> add(found, key, object, room)));
    }
    List<OfRollout> over = new ArrayList<>();
    found.forEach(
        (target, marks) -> {
          if (Environment.isValid(target.environment()) && marks.newest.isBefore(before)) {
            OfRollout rollout =
                new OfRollout(
                    app,
                    new Environment(target.environment()),
                    target.target(),
                    marks.count,
                    marks.bytes);
            if (isOver(rollout, before)) {
              over.add(rollout);
            }
          }
        });
    return over;
  }

  private static void add(Map<Target, Marks> found, MarkKey key, ObjectStat object, Room room) {
    found
        .computeIfAbsent(
            new Target(key.environment(), key.target()),
            _ -> {
              room.take();
              return new Marks();
            })
        .add(object);
  }

  /** Who removes an environment may take that back within moments, and its rollout goes on. */
  private boolean isOver(OfRollout rollout, Instant before) {
    Optional<Pointer> pointer = pointers.find(rollout.app(), rollout.environment());
    if (pointer.isEmpty()) {
      return store
          .head(BucketLayout.pointer(rollout.app(), rollout.environment()))
          .map(removed -> removed.lastModified().isBefore(before))
          .orElse(true);
    }
    if (pointer.get().rollout().isEmpty()) {
      return true;
    }
    Optional<Pointer> version = Optional.empty();
    if (pointer.get().target() instanceof Pointer.Target.OfVersion of) {
      version = pointers.read(of.key());
      if (version.isEmpty()) {
        return false; // nobody can tell which it is
      }
    }
    return !pointer.get().rolloutTarget(version).equals(Optional.of(rollout.target()));
  }

  /**
   * Removes them, if all is still as it was found.
   *
   * @return false if a host has marked something meanwhile, or the environment is back at it
   */
  boolean remove(OfRollout rollout, Instant before) {
    List<ObjectStat> marks;
    try (Stream<ObjectStat> objects =
        store.list(
            BucketLayout.markFolder(rollout.app(), rollout.environment(), rollout.target()))) {
      marks = objects.toList();
    }
    if (marks.stream().anyMatch(mark -> !mark.lastModified().isBefore(before))
        || !isOver(rollout, before)) {
      return false;
    }
    ParallelReads.inOrder(
        atOnce,
        marks.iterator(),
        mark -> {
          store.delete(mark.key());
          return mark;
        },
        _ -> {});
    return true;
  }
}
