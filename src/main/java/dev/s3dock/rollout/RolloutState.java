package dev.s3dock.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A rollout as the pointer of its environment says it. What it leads to never changes while it is
 * paused, approved or aborted.
 *
 * @param pointer as it was read, for compare-and-set
 * @param id no other promotion has it
 * @param target identifies what hosts are to run, 16 hex digits: the promotion, with the version
 *     where it leads to one
 * @param plan what was asked for
 * @param canaries names of the canaries, as keys have them; resolved at the promotion
 * @param atOnce so many hosts may be under way beside each other; resolved at the promotion
 * @param back where it goes back to; empty if nothing was there
 * @param paused who has stopped it; empty if nobody has
 * @param approved who has approved what the canaries run
 * @param aborted who has ended it, where there was nothing to go back to
 */
public record RolloutState(
    Pointer pointer,
    String id,
    String target,
    RolloutPlan plan,
    List<String> canaries,
    int atOnce,
    Optional<Back> back,
    Optional<Word> paused,
    Optional<Word> approved,
    Optional<Word> aborted) {
  static final String PAUSED = "paused";
  static final String APPROVED = "approved";
  static final String ABORTED = "aborted";
  private static final String TARGET = "target";

  public RolloutState {
    canaries = List.copyOf(canaries);
  }

  /**
   * What an environment led to before, and was live somewhere.
   *
   * @param key of the archive, or of the version
   * @param image that it was
   */
  public record Back(String key, String image) {}

  /**
   * What somebody has said.
   *
   * @param by an account and a host
   * @param at RFC 3339
   * @param reason may be empty
   */
  public record Word(String by, String at, String reason) {}

  /**
   * Reads it.
   *
   * @param version that the pointer leads to; empty if it leads to an image
   * @return empty if all hosts follow at once
   * @throws RegistryException {@link RegistryException.Kind#CORRUPT} if it makes no sense: to take
   *     that for no rollout would let all hosts follow
   */
  public static Optional<RolloutState> of(Pointer pointer, Optional<Pointer> version) {
    return pointer.rollout().map(json -> read(pointer, version, json));
  }

  private static RolloutState read(Pointer pointer, Optional<Pointer> version, ObjectNode json) {
    String target = pointer.rolloutTarget(version).orElseThrow();
    try {
      return new RolloutState(
          pointer,
          Documents.requiredText(pointer.key(), json, "id"),
          target,
          plan(json),
          canaries(json.path("canaries")),
          positive(json.path("at_once").asInt()),
          back(json),
          word(json, PAUSED),
          word(json, APPROVED).filter(_ -> isAbout(json, target)),
          word(json, ABORTED));
    } catch (IllegalArgumentException e) {
      throw Documents.corrupt(
          pointer.key(), "has a rollout that makes no sense: " + e.getMessage());
    }
  }

  /** What was approved is one target, also where a version is moved. */
  private static boolean isAbout(ObjectNode json, String target) {
    return json.path(APPROVED).path(TARGET).asText().equals(target);
  }

  private static int positive(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("at_once " + number);
    }
    return number;
  }

  private static RolloutPlan plan(ObjectNode json) {
    return new RolloutPlan(
        Optional.of(Documents.text(json, "canary")).filter(text -> !text.isEmpty()),
        Documents.text(json, "batch"),
        seconds(json, "soak_seconds"),
        json.path("max_failures").asInt(),
        RolloutPlan.OnFailure.parse(Documents.text(json, "on_failure")),
        json.path("approve").asBoolean(),
        seconds(json, "deadline_seconds"));
  }

  private static Duration seconds(ObjectNode json, String field) {
    long seconds = json.path(field).asLong(-1);
    if (seconds < 0 || seconds > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(field + " " + json.path(field));
    }
    return Duration.ofSeconds(seconds);
  }

  private static List<String> canaries(JsonNode names) {
    List<String> canaries = new ArrayList<>();
    names.forEach(name -> canaries.add(name.asText()));
    return canaries;
  }

  private static Optional<Back> back(ObjectNode json) {
    return json.path("back") instanceof ObjectNode back
        ? Optional.of(
            new Back(Documents.text(back, "target_path"), Documents.text(back, "source_image")))
        : Optional.empty();
  }

  private static Optional<Word> word(ObjectNode json, String field) {
    return json.path(field) instanceof ObjectNode word
        ? Optional.of(
            new Word(
                Documents.text(word, "by"),
                Documents.text(word, "at"),
                Documents.text(word, "reason")))
        : Optional.empty();
  }

  /** The field of a pointer for a new rollout. */
  static ObjectNode json(
      String id, RolloutPlan plan, List<String> canaries, int hosts, Optional<Back> back) {
    ObjectNode json = Documents.create();
    json.put("id", id);
    plan.canary().ifPresent(it -> json.put("canary", it));
    ArrayNode names = json.putArray("canaries");
    canaries.forEach(names::add);
    json.put("batch", plan.batch());
    json.put("hosts", hosts);
    json.put("at_once", plan.atOnce(hosts));
    json.put("soak_seconds", plan.soak().toSeconds());
    json.put("max_failures", plan.maxFailures());
    json.put("on_failure", plan.onFailure().toString());
    json.put("approve", plan.approve());
    json.put("deadline_seconds", plan.deadline().toSeconds());
    back.ifPresent(
        it -> json.putObject("back").put("target_path", it.key()).put("source_image", it.image()));
    return json;
  }

  /** The field with something that somebody says. */
  ObjectNode saying(String field, Word word) {
    ObjectNode json = pointer.rollout().orElseThrow().deepCopy();
    ObjectNode said = json.putObject(field).put("by", word.by()).put("at", word.at());
    if (!word.reason().isEmpty()) {
      said.put("reason", word.reason());
    }
    if (field.equals(APPROVED)) {
      said.put(TARGET, target);
    }
    return json;
  }

  /** The field without the pause; when that ended is progress. */
  ObjectNode resumed(Word word) {
    ObjectNode json = saying("resumed", word);
    json.remove(PAUSED);
    return json;
  }
}
