package dev.s3dock.engine.docker.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The stream of JSON objects in which the engine reports on a load, a pull or a build (moby,
 * pkg/jsonmessage). Its HTTP status is 200 even if the work fails later: then one of the objects
 * has an error.
 */
public final class ProgressStream {
  private static final ObjectReader JSON = new ObjectMapper().readerFor(JsonNode.class);

  private ProgressStream() {}

  /** Is told of a count of bytes. */
  public interface Counts {
    /** A part with this name is in this state, such as {@code Extracting}; its count follows. */
    default void now(String part, String state) {}

    /** Of a part with this name, so many of so many bytes are done. */
    void counted(String part, long bytes, long total);
  }

  /** Reads to the end, writes out what is meant for people, and returns the engine's error. */
  public static Optional<String> follow(InputStream reports, OutputStream out) throws IOException {
    return follow(reports, out, (part, bytes, total) -> {});
  }

  /** The same, and hands on what the engine counts. */
  public static Optional<String> follow(InputStream reports, OutputStream out, Counts counts)
      throws IOException {
    Optional<String> error = Optional.empty();
    try (MappingIterator<JsonNode> objects = JSON.readValues(reports)) {
      while (objects.hasNextValue()) {
        JsonNode report = objects.nextValue();
        String text = text(report);
        if (!text.isEmpty()) {
          out.write(text.getBytes(UTF_8));
          out.flush();
        }
        JsonNode count = report.path("progressDetail");
        counts.now(report.path("id").asText(), report.path("status").asText());
        if (count.path("total").asLong() > 0) {
          counts.counted(
              report.path("id").asText(),
              count.path("current").asLong(),
              count.path("total").asLong());
        }
        error = error.or(() -> error(report));
      }
    }
    return error;
  }

  /** The same for reports that have all come. */
  public static Optional<String> follow(String reports, OutputStream out) throws IOException {
    return follow(new ByteArrayInputStream(reports.getBytes(UTF_8)), out);
  }

  private static Optional<String> error(JsonNode report) {
    String detail = report.path("errorDetail").path("message").asText();
    String error = detail.isEmpty() ? report.path("error").asText() : detail;
    return Optional.of(error).filter(text -> !text.isBlank());
  }

  /** A status that counts bytes comes many times a second, and is left out. */
  private static String text(JsonNode report) {
    if (report.has("status") && report.path("progressDetail").isEmpty()) {
      String id = report.path("id").asText();
      return (id.isEmpty() ? "" : id + ": ") + report.path("status").asText() + "\n";
    }
    return report.path("stream").asText();
  }
}
