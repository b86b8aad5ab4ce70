package dev.s3dock.registry.audit;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Version;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.EventKey;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.ParallelReads;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditEntry.Event;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the audit trail, newest events first, and no more months of it than it needs. */
public final class AuditTrail {
  private static final int MAX_BYTES = 1 << 20;
  private static final Set<String> PROMOTIONS = Set.of("promotion");
  private static final Set<String> MOVES = Set.of("promotion", "tag");

  private final ObjectStore store;

  /** Creates a view of this store. */
  public AuditTrail(ObjectStore store) {
    this.store = store;
  }

  /**
   * What an environment led to before it was last moved: the key of an archive or of a version.
   * Empty if it was never moved, or its events are gone.
   *
   * @param now the environment as it is. Where the last event did not bring it there, the move that
   *     did has left no event: its process has died, or is just about to write it
   */
  public Optional<ObjectKey> previousTarget(AppName app, Environment environment, Pointer now) {
    return lastMove(app, environment)
        .flatMap(
            move -> {
              Optional<ObjectKey> brought = broughtTo(move, app);
              return brought.isEmpty() || isAt(now, brought.get())
                  ? Optional.of(move.detail("previous_target"))
                      .filter(ObjectKey::isValid)
                      .map(ObjectKey::new)
                  : brought;
            });
  }

  /** What a promotion promoted; empty if it does not tell. */
  private static Optional<ObjectKey> broughtTo(Event move, AppName app) {
    String source = move.detail("source");
    try {
      return move.detail("source_type").equals("tag")
          ? Optional.of(
              BucketLayout.tag(app, new Version(source.substring(source.lastIndexOf(':') + 1))))
          : ImageReference.ofTag(app, move.text("git_time") + "-" + move.text("git_hash"))
              .map(image -> BucketLayout.image(image).archive());
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** True also if the image is filed under another month. */
  private static boolean isAt(Pointer pointer, ObjectKey key) {
    return switch (pointer.target()) {
      case Pointer.Target.OfImage of ->
          BucketLayout.parseImage(key)
              .map(ImageKey::reference)
              .equals(Optional.of(of.image().reference()));
      case Pointer.Target.OfVersion of -> of.key().equals(key);
    };
  }

  /**
   * The last by its time. Its key need not be the last one: of one minute they do not tell the
   * order, and those of the original tell a local time.
   */
  private Optional<Event> lastMove(AppName app, Environment environment) {
    Optional<Event> last = Optional.empty();
    for (String month : months(app)) {
      for (EventKey key : events(app, month, PROMOTIONS)) {
        if (last.isPresent() && key.at().plus(AuditQuery.BEHIND).isBefore(last.get().at())) {
          return last;
        }
        last = later(last, move(key, environment));
      }
    }
    return last;
  }

  private static Optional<Event> later(Optional<Event> one, Optional<Event> other) {
    return Stream.of(one, other).flatMap(Optional::stream).max(AuditEntry.OLDEST_FIRST);
  }

  /**
   * Of some images those that an environment was at last, with the environment's name. Reads the
   * trail backwards until it knows so many of each environment, or that all of these images are
   * among the last ones, or there is no more.
   *
   * @param versionOf the environments there are, with the version that each follows; empty for none
   * @param sought the images it is about
   * @param atOnce how many events are read at the same time; so many more than needed may be read
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if an event on the way is
   *     damaged
   */
  public Map<ImageReference, String> lastTargets(
      AppName app,
      Map<String, String> versionOf,
      int targets,
      Set<ImageReference> sought,
      int atOnce) {
    RecentTargets found = new RecentTargets(app, versionOf, targets, sought);
    for (String month : months(app)) {
      if (found.isComplete()
          || BucketLayout.parseMonth(month).filter(found::isCompleteIn).isPresent()) {
        break;
      }
      Iterator<EventKey> keys =
          events(app, month, MOVES).stream()
              .takeWhile(key -> !found.isComplete() && !found.isCompleteAt(key.at()))
              .iterator();
      ParallelReads.inOrder(atOnce, keys, this::event, event -> event.ifPresent(found::add));
    }
    Map<ImageReference, String> images = found.images();
    images.keySet().retainAll(sought);
    return images;
  }

  private Optional<Event> event(EventKey key) {
    return store
        .get(key.key(), MAX_BYTES)
        .map(object -> Event.parse(object.key(), object.content()));
  }

  private Optional<Event> move(EventKey key, Environment environment) {
    return event(key).filter(event -> event.isOf(environment) && !event.says("was_skipped"));
  }

  private List<String> months(AppName app) {
    try (Stream<String> folders = store.listFolders(BucketLayout.auditFolder(app))) {
      return folders
          .filter(folder -> folder.matches("\\d{6}"))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  /** The newest first. */
  private List<EventKey> events(AppName app, String month, Set<String> types) {
    List<EventKey> events = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.auditFolder(app) + month + "/")) {
      objects
          .flatMap(object -> BucketLayout.parseEvent(object.key()).stream())
          .filter(event -> types.contains(event.event()))
          .forEach(events::add);
    }
    events.sort(Comparator.comparing(EventKey::minute).reversed());
    return events;
  }
}
