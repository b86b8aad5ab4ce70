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
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What hosts report to be live on them: one object for each host and environment. It is written for
 * people and for cleanup; a deployment itself asks the engine and the load balancer.
 */
public final class Deployments {
  public static final int MAX_BYTES = 1 << 20;
  private static final int MAX_TRIES = 5;
  private static final String RECORDED = "recorded";

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
   * @param image live there
   * @param previous the image that could be live again at once; empty if none is kept
   * @param colour {@code blue} or {@code green}
   * @param deployment which deployment brought it
   * @param since when it went live, RFC 3339
   * @param heartbeat when the host last said so, RFC 3339
   */
  public record Report(
      String environment,
      String host,
      ImageReference image,
      Optional<ImageReference> previous,
      String colour,
      String deployment,
      String since,
      String heartbeat) {}

  /**
   * What this host has reported last; texts as they stand there, which may be none of ours.
   *
   * @param deployment which deployment brought it
   * @param recorded true if it is known that its event is in the audit trail
   */
  public record Last(String image, String deployment, boolean recorded) {}

  /** What this host has reported last of an environment; empty if nothing. */
  public Optional<Last> last(AppName app, Environment environment) {
    return store
        .get(BucketLayout.deployment(app, environment, actor.host()), MAX_BYTES)
        .map(object -> Documents.parse(object.key(), object.content()))
        .map(
            document ->
                new Last(
                    Documents.text(document, "image_reference"),
                    Documents.text(document, "deployment"),
                    document.path(RECORDED).asBoolean()));
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
    for (int attempt = 1; ; attempt++) {
      Optional<StoredObject> before = store.get(key, MAX_BYTES);
      ObjectNode document = document(before, app, environment, image, previous, colour, deployment);
      if (recorded) {
        document.put(RECORDED, true);
      }
      Optional<ETag> state = before.map(StoredObject::etag);
      try {
        writes.put(
            key, document, state.map(Precondition::ifMatch).orElseGet(Precondition::ifAbsent));
        return;
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.PRECONDITION_FAILED || attempt == MAX_TRIES) {
          throw e;
        }
      }
    }
  }

  private ObjectNode document(
      Optional<StoredObject> before,
      AppName app,
      Environment environment,
      ImageReference image,
      Optional<ImageReference> previous,
      String colour,
      String deployment) {
    ObjectNode document =
        before.map(o -> Documents.parse(o.key(), o.content())).orElseGet(Documents::create);
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
          .flatMap(object -> store.get(object.key(), MAX_BYTES).stream())
          .map(Deployments::parse)
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
        image(object.key(), Documents.requiredText(object.key(), document, "image_reference")),
        Optional.of(Documents.text(document, "previous_image"))
            .filter(text -> !text.isEmpty())
            .map(text -> image(object.key(), text)),
        Documents.text(document, "colour"),
        Documents.text(document, "deployment"),
        Documents.text(document, "live_since"),
        Documents.text(document, "heartbeat"));
  }

  private static ImageReference image(ObjectKey key, String text) {
    try {
      return ImageReference.parse(text);
    } catch (InvalidNameException e) {
      throw Documents.corrupt(key, "names no image: " + Printable.of(text));
    }
  }
}
