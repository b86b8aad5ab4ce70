package dev.s3dock.registry.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.DocumentWrites;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.time.Clock;
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
  private static final int MAX_TRIES = 5;
  private static final String RECORDED = "recorded";
  private static final String PREVIOUS = "previous_image";

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
   * All that this host has reported of an environment.
   *
   * @param asked when somebody last asked for another try, RFC 3339; empty if nobody has
   */
  public record Own(StoredObject object, Last last, Optional<AgentReport> agent, String asked) {
    /** Reads it. */
    public static Own of(StoredObject object) {
      ObjectNode document = Documents.parse(object.key(), object.content());
      return new Own(
          object,
          Deployments.last(document),
          AgentReport.of(document),
          Documents.text(document, FailedTarget.ASKED));
    }
  }

  /**
   * What this host has reported last; texts as they stand there, which may be none of ours.
   *
   * @param deployment which deployment brought it
   * @param recorded true if it is known that its event is in the audit trail
   * @param previous what is kept there to go back to
   */
  public record Last(
      String image, String deployment, boolean recorded, Optional<ImageReference> previous) {
    /** The image; empty if the text is none. */
    public Optional<ImageReference> reference() {
      try {
        return image.isEmpty() ? Optional.empty() : Optional.of(ImageReference.parse(image));
      } catch (InvalidNameException e) {
        return Optional.empty();
      }
    }
  }

  /** What this host has reported last of an environment; empty if nothing. */
  public Optional<Last> last(AppName app, Environment environment) {
    return store.get(key(app, environment), HostReport.MAX_BYTES).map(Own::of).map(Own::last);
  }

  private static Last last(ObjectNode document) {
    return new Last(
        Documents.text(document, "image_reference"),
        Documents.text(document, "deployment"),
        document.path(RECORDED).asBoolean(),
        previous(Documents.text(document, PREVIOUS)));
  }

  private static Optional<ImageReference> previous(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(ImageReference.parse(text));
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** Where this host reports. */
  public ObjectKey key(AppName app, Environment environment) {
    return BucketLayout.deployment(app, environment, actor.host());
  }

  /** Writes what the agent of this host says, beside what was last live. */
  public void say(AppName app, Environment environment, AgentReport said) {
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
          document.set(AgentReport.FIELD, said.json());
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
          found.set(before.flatMap(AgentReport::of).flatMap(AgentReport::failed).isPresent());
          return before
              .filter(_ -> found.get())
              .map(it -> it.put(FailedTarget.ASKED, Documents.time(OffsetDateTime.now(clock))));
        });
    if (!found.get()) {
      throw RegistryException.notFound(
          "the agent of %1$s has given up nothing of %2$s in %3$s; see `s3dock status %2$s %3$s`"
              .formatted(Printable.of(host), app, environment));
    }
  }

  /** By compare-and-set; an empty result writes nothing. */
  private void change(ObjectKey key, UnaryOperator<Optional<ObjectNode>> change) {
    for (int attempt = 1; ; attempt++) {
      Optional<StoredObject> before = store.get(key, HostReport.MAX_BYTES);
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
    document.remove(PREVIOUS);
    previous.ifPresent(p -> document.put(PREVIOUS, p.toString()));
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
  public List<HostReport> of(AppName app, Environment environment) {
    List<HostReport> reports = new ArrayList<>();
    try (Stream<ObjectStat> objects = store.list(BucketLayout.deploymentFolder(app, environment))) {
      objects
          .filter(object -> BucketLayout.isDeployment(object.key()))
          .flatMap(
              object ->
                  store.get(object.key(), HostReport.MAX_BYTES).stream()
                      .map(it -> HostReport.parse(it).written(object.lastModified())))
          .forEach(reports::add);
    }
    return reports;
  }
}
