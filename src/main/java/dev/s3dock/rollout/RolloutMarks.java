package dev.s3dock.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.registry.Documents;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What hosts have marked of a rollout: small objects whose names say it, so that one listing tells
 * of up to a thousand of them, with the times of the store's clock. What they hold is for people.
 */
public final class RolloutMarks {
  /** A host has begun. */
  static final String BEGUN = "begun";

  /** It was healthy for as long as the plan says. */
  static final String HEALTHY = "healthy";

  /** It was not fit there. */
  static final String FAILED = "failed";

  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Clock clock;
  private final Actor actor;
  private final AppName app;
  private final Environment environment;

  /** Those of an environment; the {@code actor} is who marks. */
  public RolloutMarks(
      ObjectStore store, Clock clock, Actor actor, AppName app, Environment environment) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.clock = clock;
    this.actor = actor;
    this.app = app;
    this.environment = environment;
  }

  /**
   * A mark.
   *
   * @param word {@code begun}, {@code healthy} or {@code failed}
   * @param at by the store's clock
   */
  public record Mark(String host, String word, Instant at) {}

  /** The name of this host, as keys have it. */
  public String self() {
    return BucketLayout.hostName(actor.host());
  }

  /** All hosts that report, with the time of their last report by the store's clock. */
  public Map<String, Instant> hosts() {
    Map<String, Instant> hosts = new TreeMap<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.deploymentFolder(app, environment))) {
      objects.forEach(
          object ->
              BucketLayout.parseDeployment(object.key())
                  .ifPresent(host -> hosts.put(host, object.lastModified())));
    }
    return hosts;
  }

  /** The marks of all hosts that have ended. */
  public List<Mark> ended(String target) {
    return list(BucketLayout.endedFolder(app, environment, target));
  }

  /** All marks. */
  public List<Mark> all(String target) {
    return list(BucketLayout.markFolder(app, environment, target));
  }

  private List<Mark> list(String folder) {
    try (Stream<ObjectStat> objects = store.list(folder)) {
      return objects
          .flatMap(
              object ->
                  BucketLayout.parseMark(object.key()).stream()
                      .map(key -> new Mark(key.host(), key.word(), object.lastModified())))
          .toList();
    }
  }

  /** When the pointer was last written, by the store's clock. */
  public Optional<Instant> moved() {
    return store.head(BucketLayout.pointer(app, environment)).map(ObjectStat::lastModified);
  }

  /**
   * Marks that this host has begun, now: with the time of an old mark, a host that comes back after
   * it was silent would be left out as silent still.
   */
  public void begin(String target) {
    writes.put(
        BucketLayout.begun(app, environment, target, actor.host()),
        document(""),
        Precondition.none());
  }

  /** Takes that back, before anything was done. */
  public void withdraw(String target) {
    store.delete(BucketLayout.begun(app, environment, target, actor.host()));
  }

  /** Marks that it was healthy for as long as the plan says. */
  public void healthy(String target) {
    put(BucketLayout.ended(app, environment, target, actor.host(), HEALTHY), "");
  }

  /** Marks that it was not fit on this host. */
  public void failed(String target, String reason) {
    put(BucketLayout.ended(app, environment, target, actor.host(), FAILED), reason);
  }

  private ObjectNode document(String reason) {
    ObjectNode document = Documents.create();
    document.put("host", actor.host());
    document.put("at", Documents.time(OffsetDateTime.now(clock)));
    document.put("tool", actor.tool());
    if (!reason.isEmpty()) {
      document.put("reason", reason);
    }
    return document;
  }

  /** A mark that is there stays as it is. */
  private void put(ObjectKey key, String reason) {
    try {
      writes.put(key, document(reason), Precondition.ifAbsent());
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.PRECONDITION_FAILED) {
        throw e;
      }
    }
  }
}
