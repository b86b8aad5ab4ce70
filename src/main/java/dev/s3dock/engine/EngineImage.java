package dev.s3dock.engine;

import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An image that an engine holds.
 *
 * @param id the engine's name for it; see {@link Engine} for what that is
 * @param references its tags, such as {@code app:1.0}, sorted; empty for an untagged image
 * @param platform what it runs on
 * @param diffIds digests of its uncompressed layers, from the base up
 * @param created the date in its config; the epoch if the config has none
 * @param labels the labels in its config
 * @param healthcheck true if its config has a HEALTHCHECK that runs something
 */
public record EngineImage(
    String id,
    List<String> references,
    Platform platform,
    List<Digest> diffIds,
    Instant created,
    Map<String, String> labels,
    boolean healthcheck) {
  public EngineImage {
    references = references.stream().sorted().toList();
    diffIds = List.copyOf(diffIds);
    labels = Map.copyOf(labels);
  }

  /** One without a HEALTHCHECK. */
  public EngineImage(
      String id,
      List<String> references,
      Platform platform,
      List<Digest> diffIds,
      Instant created,
      Map<String, String> labels) {
    this(id, references, platform, diffIds, created, labels, false);
  }
}
