package dev.s3dock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What hosts report to be live on them: one object for each host and environment. It is written for
 * people and for cleanup; a deployment itself asks the engine and the load balancer.
 */
public final class Deployments {
  public static final int MAX_BYTES = 1 << 20;
  private static final int MAX_TRIES = 5;
  private static final String RECORDED = "recorded";
  private static final String AGENT = "agent";
  private static final String FAILED = "failed";
  private static final String ASKED = "retry_asked";

  private final ObjectStore store;
  private final DocumentWrites writes;
  private final Clock clock;
  private final Actor actor;

  /** The {@code actor} is the host that reports. */
  public Deployments(ObjectStore store, Clock clock, Actor actor) {
    this.store = store;
    this.writes = new DocumentWrites(store);
    this.clock = clock;
    this.actor = actor;
  }

  /**
   * What one host says.
   *
   * @param environment the folder that the report lies in
   * @param image live there, or what was last; empty if nothing ever was
   * @param previous the image that could be live again at once; empty if none is kept
   * @param colour {@code blue} or {@code green}
   * @param deployment which deployment brought it
   * @param since when it went live, RFC 3339
   * @param heartbeat when the host last said so, RFC 3339
   * @param agent what its agent says; empty if none does
   * @param written when, by the store's clock; empty where that is not known
   */
  public record Report(
      String environment,
      String host,
      Optional<ImageReference> image,
      Optional<ImageReference> previous,
      String colour,
      String deployment,
      String since,
      String heartbeat,
      Optional<AgentWord> agent,
      Optional<Instant> written) {
    private Report written(Instant at) {
      return new Report(
          environment,
          host,
          image,
          previous,
          colour,
          deployment,
          since,
          heartbeat,
          agent,
          Optional.of(at));
    }
  }

  /**
   * What an agent says of an environment on its host; texts as they stand there.
   *
   * @param version of the agent
   * @param wanted the image that the environment is at; empty if that is not known
   * @param wantedSince when the agent first saw that, RFC 3339
   * @param running the image that is live; empty if none is
   * @param state one word: {@code healthy}, {@code deploying}, {@code behind}, {@code failed},
   *     {@code unhealthy} or {@code unknown}
   * @param reason why it is not healthy; empty if it is
   * @param live identifies the target that went live last: state of the pointer, and settings of
   *     the host; empty if none did
   * @param failed which target is not tried again
   * @param diskFree bytes that are free where images are fetched to
   * @param looked when it last looked at the pointer, RFC 3339
   * @param interval between two looks, in seconds
   */
  public record AgentWord(
      String version,
      String wanted,
      String wantedSince,
      String running,
      String state,
      String reason,
      String live,
      Optional<FailedTarget> failed,
      long diskFree,
      String looked,
      long interval) {
    /** The same at another time; for comparing what is said. */
    public AgentWord at(String time, long disk) {
      return new AgentWord(
          version, wanted, wantedSince, running, state, reason, live, failed, disk, time, interval);
    }
  }

  /**
   * A target that did not go live on a host, and is not tried again there.
   *
   * @param target what identifies it: state of the pointer, and settings of the host
   * @param image that failed
   * @param at when, RFC 3339
   * @param asked when somebody had last asked for another try by then; empty if nobody had
   */
  public record FailedTarget(String target, String image, String reason, String at, String asked) {}

  /**
   * All that this host has reported of an environment.
   *
   * @param asked when somebody last asked for another try, RFC 3339; empty if nobody has
   */
  public record Own(StoredObject object, Last last, Optional<AgentWord> agent, String asked) {
    /** Reads it. */
    public static Own of(StoredObject object) {
      ObjectNode document = Documents.parse(object.key(), object.content());
      return new Own(
          object, Deployments.last(document), word(document), Documents.text(document, ASKED));
    }
  }

  /**
   * What this host has reported last; texts as they stand there, which may be none of ours.
   *
   * @param deployment which deployment brought it
   * @param recorded true if it is known that its event is in the audit trail
   */
  public record Last(String image, String deployment, boolean recorded) {}

  /** What this host has reported last of an environment; empty if nothing. */
  public Optional<Last> last(AppName app, Environment environment) {
    return store.get(key(app, environment), MAX_BYTES).map(Own::of).map(Own::last);
  }

  private static Last last(ObjectNode document) {
    return new Last(
        Documents.text(document, "image_reference"),
        Documents.text(document, "deployment"),
        document.path(RECORDED).asBoolean());
  }

  /** Where this host reports. */
  public ObjectKey key(AppName app, Environment environment) {
    return BucketLayout.deployment(app, environment, actor.host());
  }

  /** Writes what the agent of this host says, beside what was last live. */
  public void say(AppName app, Environment environment, AgentWord word) {
    change(
        key(app, environment),
        before -> {
          ObjectNode document = before.orElseGet(Documents::create);
          document.put("app_name", app.value());
          document.put("environment", environment.value());
          document.put("host", actor.host());
          document.put("heartbeat", Documents.time(OffsetDateTime.now(clock)));
          document.put("user", actor.user());
          document.put("tool", actor.tool());
          document.set(AGENT, json(word));
          return Optional.of(document);
        });
  }

  /**
   * Asks a host to try again what has failed there. The agent compares that with what it has seen
   * when it failed, so that no report of the agent undoes it.
   *
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if nothing has failed there
   */
  public void retry(AppName app, Environment environment, String host) {
    AtomicBoolean found = new AtomicBoolean();
    change(
        BucketLayout.deployment(app, environment, host),
        before -> {
          found.set(before.flatMap(Deployments::word).flatMap(AgentWord::failed).isPresent());
          return before
              .filter(_ -> found.get())
              .map(it -> it.put(ASKED, Documents.time(OffsetDateTime.now(clock))));
        });
    if (!found.get()) {
      throw RegistryException.notFound(
          "the agent of %1$s has given up nothing of %2$s in %3$s; see `s3dock status %2$s %3$s`"
              .formatted(Printable.of(host), app, environment),
          host,
          List.of());
    }
  }

  /** By compare-and-set; an empty result writes nothing. */
  private void change(ObjectKey key, UnaryOperator<Optional<ObjectNode>> change) {
    for (int attempt = 1; ; attempt++) {
      Optional<StoredObject> before = store.get(key, MAX_BYTES);
      Optional<ObjectNode> after =
          change.apply(before.map(o -> Documents.parse(o.key(), o.content())));
      Optional<ETag> state = before.map(StoredObject::etag);
      try {
        if (after.isPresent()) {
          writes.put(
              key, after.get(), state.map(Precondition::ifMatch).orElseGet(Precondition::ifAbsent));
        }
        return;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED || attempt == MAX_TRIES) {
          throw e;
        }
      }
    }
  }

  private static ObjectNode json(AgentWord word) {
    ObjectNode agent = Documents.create();
    agent.put("version", word.version());
    agent.put("wanted", word.wanted());
    agent.put("wanted_since", word.wantedSince());
    agent.put("running", word.running());
    agent.put("state", word.state());
    agent.put("reason", word.reason());
    agent.put("live_target", word.live());
    agent.put("disk_free", word.diskFree());
    agent.put("looked_at", word.looked());
    agent.put("interval_seconds", word.interval());
    word.failed()
        .ifPresent(
            failed ->
                agent
                    .putObject(FAILED)
                    .put("target", failed.target())
                    .put("image_reference", failed.image())
                    .put("reason", failed.reason())
                    .put("at", failed.at())
                    .put(ASKED, failed.asked()));
    return agent;
  }

  private static Optional<AgentWord> word(ObjectNode document) {
    if (!(document.path(AGENT) instanceof ObjectNode agent)) {
      return Optional.empty();
    }
    Optional<FailedTarget> failed =
        agent.path(FAILED) instanceof ObjectNode it
            ? Optional.of(
                new FailedTarget(
                    Documents.text(it, "target"),
                    Documents.text(it, "image_reference"),
                    Documents.text(it, "reason"),
                    Documents.text(it, "at"),
                    Documents.text(it, ASKED)))
            : Optional.empty();
    return Optional.of(
        new AgentWord(
            Documents.text(agent, "version"),
            Documents.text(agent, "wanted"),
            Documents.text(agent, "wanted_since"),
            Documents.text(agent, "running"),
            Documents.text(agent, "state"),
            Documents.text(agent, "reason"),
            Documents.text(agent, "live_target"),
            failed,
            agent.path("disk_free").asLong(),
            Documents.text(agent, "looked_at"),
            agent.path("interval_seconds").asLong()));
  }

  /** The name under which this host reports. */
  public String host() {
    return actor.host();
  }

  /**
   * Reports what is live on this host. A report of the same deployment gets a new heartbeat.
   *
   * @param recorded true if its event is in the audit trail; false leaves open whether it is
   * @throws StoreException if it cannot be written
   */
  public void report(
      AppName app,
      Environment environment,
      ImageReference image,
      Optional<ImageReference> previous,
      String colour,
      String deployment,
      boolean recorded) {
    ObjectKey key = BucketLayout.deployment(app, environment, actor.host());
    change(
        key,
        before -> {
          ObjectNode document =
              document(before, app, environment, image, previous, colour, deployment);
          if (recorded) {
            document.put(RECORDED, true);
          }
          return Optional.of(document);
        });
  }

  private ObjectNode document(
      Optional<ObjectNode> before,
      AppName app,
      Environment environment,
      ImageReference image,
      Optional<ImageReference> previous,
      String colour,
      String deployment) {
    ObjectNode document = before.orElseGet(Documents::create);
    String now = Documents.time(OffsetDateTime.now(clock));
    boolean same = Documents.text(document, "deployment").equals(deployment);
    document.put("app_name", app.value());
    document.put("environment", environment.value());
    document.put("host", actor.host());
    document.put("image_reference", image.toString());
    document.remove("previous_image");
    previous.ifPresent(p -> document.put("previous_image", p.toString()));
    document.put("colour", colour);
    document.put("deployment", deployment);
    if (!same) {
      document.remove(RECORDED);
      document.put("live_since", now);
    }
    document.put("heartbeat", now);
    document.put("user", actor.user());
    document.put("tool", actor.tool());
    return document;
  }

  /** What all hosts say of an environment, by their names. */
  public List<Report> of(AppName app, Environment environment) {
    List<Report> reports = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.deploymentFolder(app, environment))) {
      objects
          .filter(object -> BucketLayout.isDeployment(object.key()))
          .flatMap(
              object ->
                  store.get(object.key(), MAX_BYTES).stream()
                      .map(it -> parse(it).written(object.lastModified())))
          .forEach(reports::add);
    }
    return reports;
  }

  /**
   * Reads a report.
   *
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it is none
   */
  public static Report parse(StoredObject object) {
    ObjectNode document = Documents.parse(object.key(), object.content());
    return new Report(
        object.key().value().split("/", -1)[2],
        Documents.requiredText(object.key(), document, "host"),
        live(object.key(), document),
        Optional.of(Documents.text(document, "previous_image"))
            .filter(text -> !text.isEmpty())
            .map(text -> image(object.key(), text)),
        Documents.text(document, "colour"),
        Documents.text(document, "deployment"),
        Documents.text(document, "live_since"),
        Documents.text(document, "heartbeat"),
        word(document),
        Optional.empty());
  }

  /** An agent reports also where nothing has ever been live. */
  private static Optional<ImageReference> live(ObjectKey key, ObjectNode document) {
    return document.has(AGENT) && !document.has("image_reference")
        ? Optional.empty()
        : Optional.of(image(key, Documents.requiredText(key, document, "image_reference")));
  }

  private static ImageReference image(ObjectKey key, String text) {
    try {
      return ImageReference.parse(text);
    } catch (InvalidNameException e) {
      throw Documents.corrupt(key, "names no image: " + Printable.of(text));
    }
  }
}
