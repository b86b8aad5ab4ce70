package dev.s3dock.registry.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an audit event tells of its kind: each kind writes its {@code details} and reads them again.
 * Names, images and keys are the text that stands there, which is shown as it is, whoever wrote it;
 * what is absent is empty. Fields that no kind knows stay in the document of {@link
 * AuditEntry.Event}.
 */
public sealed interface AuditEvent {
  /** The types of events that there are. */
  List<String> TYPES =
      List.of(
          Push.TYPE,
          Tag.TYPE,
          Promotion.TYPE,
          Deployment.DEPLOYED,
          Deployment.ROLLED_BACK,
          Cleanup.TYPE,
          Removal.TYPE);

  /** The {@code event_type}. */
  String type();

  /** The environment that it is about. */
  default String environment() {
    return "";
  }

  /** What was there before: a key, or a name. */
  default String previous() {
    return "";
  }

  /** Adds its details. */
  void write(ObjectNode details);

  /** Reads the details of an event of this type. */
  static AuditEvent read(String type, ObjectNode details) {
    return switch (type) {
      case Push.TYPE -> Push.read(details);
      case Tag.TYPE -> Tag.read(details);
      case Promotion.TYPE -> Promotion.read(details);
      case Deployment.DEPLOYED, Deployment.ROLLED_BACK ->
          Deployment.read(type.equals(Deployment.ROLLED_BACK), details);
      case Cleanup.TYPE -> Cleanup.read(details);
      case Removal.TYPE -> Removal.read(details);
      default -> new Other(type, details);
    };
  }

  /**
   * What a push did.
   *
   * @param archive its key
   * @param skipped true if the very image was published already
   * @param archived true if another image was set aside for it
   */
  record Push(
      String image, String archive, String checksum, long size, boolean skipped, boolean archived)
      implements AuditEvent {
    static final String TYPE = "push";

    @Override
    public String type() {
      return TYPE;
    }

    private static Push read(ObjectNode details) {
      return new Push(
          Documents.text(details, "image_reference"),
          Documents.text(details, "s3_path"),
          Documents.text(details, "checksum"),
          details.path("size").asLong(),
          details.path("was_skipped").asBoolean(),
          details.path("was_archived").asBoolean());
    }

    @Override
    public void write(ObjectNode details) {
      details.put("image_reference", image);
      details.put("s3_path", archive);
      details.put("checksum", checksum);
      details.put("size", size);
      if (skipped) {
        details.put("was_skipped", true);
      }
      if (archived) {
        details.put("was_archived", true);
      }
    }
  }

  /**
   * A version that was written.
   *
   * @param key of the version's object
   * @param previous the key of the image that it was taken from
   */
  record Tag(String image, String version, String key, String previous) implements AuditEvent {
    static final String TYPE = "tag";

    @Override
    public String type() {
      return TYPE;
    }

    private static Tag read(ObjectNode details) {
      return new Tag(
          Documents.text(details, "image_reference"),
          Documents.text(details, "version"),
          Documents.text(details, "tag_path"),
          Documents.text(details, "previous_target"));
    }

    @Override
    public void write(ObjectNode details) {
      details.put("image_reference", image);
      details.put("version", version);
      details.put("tag_path", key);
      if (!previous.isEmpty()) {
        details.put("previous_target", previous);
      }
    }
  }

  /**
   * An environment that was moved, or found where it was to be moved to.
   *
   * @param source {@code app:stamp-hash}, or {@code app:version}
   * @param sourceType {@code image} or {@code tag}
   * @param key of the environment's object
   * @param previous the key that it led to
   * @param skipped true if it was there already
   */
  record Promotion(
      String environment,
      String source,
      String sourceType,
      String key,
      String previous,
      boolean skipped)
      implements AuditEvent {
    static final String TYPE = "promotion";

    @Override
    public String type() {
      return TYPE;
    }

    /** The version that was promoted; empty if an image was. */
    Optional<String> version() {
      return sourceType.equals("tag")
          ? Optional.of(source.substring(source.lastIndexOf(':') + 1))
          : Optional.empty();
    }

    private static Promotion read(ObjectNode details) {
      return new Promotion(
          Documents.text(details, "environment"),
          Documents.text(details, "source"),
          Documents.text(details, "source_type"),
          Documents.text(details, "pointer_path"),
          Documents.text(details, "previous_target"),
          details.path("was_skipped").asBoolean());
    }

    @Override
    public void write(ObjectNode details) {
      details.put("environment", environment);
      details.put("source", source);
      details.put("source_type", sourceType);
      details.put("pointer_path", key);
      if (!previous.isEmpty()) {
        details.put("previous_target", previous);
      }
      if (skipped) {
        details.put("was_skipped", true);
      }
    }
  }

  /**
   * What a deployment or a rollback did on one host.
   *
   * @param rollback true if it went back, by itself or because it was asked to
   * @param image what it was to bring live
   * @param running what is live on the host now
   * @param previous what was live before
   * @param outcome {@code live}, or {@code failed}
   * @param reason why it failed or went back
   * @param steps how long each step took, in milliseconds, in the order they ran
   */
  record Deployment(
      boolean rollback,
      String image,
      String environment,
      String deployment,
      String running,
      String previous,
      String outcome,
      String reason,
      Map<String, Long> steps)
      implements AuditEvent {
    static final String DEPLOYED = "deployment";
    static final String ROLLED_BACK = "rollback";

    private static final String LIVE = "live";

    public Deployment {
      steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
    }

    /** True if it has brought its image live. */
    boolean isLive() {
      return outcome.equals(LIVE);
    }

    @Override
    public String type() {
      return rollback ? ROLLED_BACK : DEPLOYED;
    }

    private static Deployment read(boolean rollback, ObjectNode details) {
      Map<String, Long> steps = new LinkedHashMap<>();
      details
          .path("durations_ms")
          .properties()
          .forEach(step -> steps.put(step.getKey(), step.getValue().asLong()));
      return new Deployment(
          rollback,
          Documents.text(details, "image_reference"),
          Documents.text(details, "environment"),
          Documents.text(details, "deployment"),
          Documents.text(details, "running"),
          Documents.text(details, "previous"),
          Documents.text(details, "outcome"),
          Documents.text(details, "reason"),
          steps);
    }

    @Override
    public void write(ObjectNode details) {
      details.put("environment", environment);
      details.put("deployment", deployment);
      details.put("image_reference", image);
      details.put("outcome", outcome);
      if (!running.isEmpty()) {
        details.put("running", running);
      }
      if (!previous.isEmpty()) {
        details.put("previous", previous);
      }
      if (!reason.isEmpty()) {
        details.put("reason", reason);
      }
      ObjectNode durations = details.putObject("durations_ms");
      steps.forEach(durations::put);
    }
  }

  /**
   * What a cleanup removes; it is past its point of no return, and not done yet.
   *
   * @param removal which batch of which run; an event that is there twice has the same
   * @param reason why it goes
   * @param bytes that come back; 0 if that is not known
   * @param archives the keys of those that go
   */
  record Cleanup(String image, String removal, String reason, long bytes, List<String> archives)
      implements AuditEvent {
    static final String TYPE = "cleanup";

    public Cleanup {
      archives = List.copyOf(archives);
    }

    @Override
    public String type() {
      return TYPE;
    }

    private static Cleanup read(ObjectNode details) {
      List<String> archives = new ArrayList<>();
      for (JsonNode archive : details.path("archives")) {
        archives.add(archive.asText());
      }
      return new Cleanup(
          Documents.text(details, "image_reference"),
          Documents.text(details, "removal"),
          Documents.text(details, "reason"),
          details.path("bytes").asLong(),
          archives);
    }

    @Override
    public void write(ObjectNode details) {
      details.put("image_reference", image);
      details.put("removal", removal);
      details.put("reason", reason);
      details.put("bytes", bytes);
      ArrayNode keys = details.putArray("archives");
      archives.forEach(keys::add);
    }
  }

  /**
   * An environment or a version that was removed by name.
   *
   * @param environment its name; empty if it was a version
   * @param version its name; empty if it was an environment
   * @param key of its object
   * @param previous the key that it led to
   * @param skipped true if it was gone already
   */
  record Removal(
      String image,
      String environment,
      String version,
      String key,
      String previous,
      boolean skipped)
      implements AuditEvent {
    static final String TYPE = "removal";

    @Override
    public String type() {
      return TYPE;
    }

    private static Removal read(ObjectNode details) {
      return new Removal(
          Documents.text(details, "image_reference"),
          Documents.text(details, "environment"),
          Documents.text(details, "version"),
          Documents.text(details, "removed_path"),
          Documents.text(details, "previous_target"),
          details.path("was_skipped").asBoolean());
    }

    @Override
    public void write(ObjectNode details) {
      details.put("image_reference", image);
      if (!environment.isEmpty()) {
        details.put("environment", environment);
      }
      if (!version.isEmpty()) {
        details.put("version", version);
      }
      details.put("removed_path", key);
      details.put("previous_target", previous);
      if (skipped) {
        details.put("was_skipped", true);
      }
    }
  }

  /** An event of a type that another version of s3dock writes. */
  record Other(String type, ObjectNode details) implements AuditEvent {
    /** The image that it names. */
    public String image() {
      return Documents.text(details, "image_reference");
    }

    @Override
    public String environment() {
      return Documents.text(details, "environment");
    }

    @Override
    public String previous() {
      String target = Documents.text(details, "previous_target");
      return target.isEmpty() ? Documents.text(details, "previous") : target;
    }

    @Override
    public void write(ObjectNode document) {
      document.setAll(details);
    }
  }
}
