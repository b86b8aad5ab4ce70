package dev.s3dock.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Printable;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the answer of {@code GET /images/{name}/json}. */
final class ImageJson {
  private ImageJson() {}

  static EngineImage read(JsonNode image) {
    List<String> references = new ArrayList<>();
    for (JsonNode tag : image.path("RepoTags")) {
      if (!tag.asText().startsWith("<none>")) {
        references.add(tag.asText());
      }
    }
    List<Digest> diffIds = new ArrayList<>();
    for (JsonNode layer : image.path("RootFS").path("Layers")) {
      diffIds.add(Digest.parse(layer.asText()));
    }
    Map<String, String> labels = new LinkedHashMap<>();
    image
        .path("Config")
        .path("Labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return new EngineImage(
        image.path("Id").asText(),
        references,
        platform(image),
        diffIds,
        created(image.path("Created").asText()),
        labels,
        hasHealthcheck(image.path("Config").path("Healthcheck").path("Test")));
  }

  /** {@code NONE} takes away the one of a base image. */
  private static boolean hasHealthcheck(JsonNode test) {
    return !test.isEmpty() && !test.path(0).asText().equals("NONE");
  }

  /** Some tools make images that tell none. */
  private static Platform platform(JsonNode image) {
    try {
      return new Platform(
          image.path("Os").asText("linux"),
          image.path("Architecture").asText(),
          image.path("Variant").asText());
    } catch (InvalidNameException e) {
      throw new EngineException(
          EngineException.Kind.FAILED,
          "the engine's image %s tells no platform (os '%s', architecture '%s'): build it with one"
              .formatted(
                  image.path("Id").asText(),
                  Printable.of(image.path("Os").asText()),
                  Printable.of(image.path("Architecture").asText())),
          e);
    }
  }

  /** Go writes the year 1 for a date that is not set. */
  private static Instant created(String text) {
    try {
      Instant created = OffsetDateTime.parse(text).toInstant();
      return created.isBefore(Instant.EPOCH) ? Instant.EPOCH : created;
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
