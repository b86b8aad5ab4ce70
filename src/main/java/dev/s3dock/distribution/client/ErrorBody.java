package dev.s3dock.distribution.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.image.Printable;
import java.io.IOException;

/** What a registry says of a failure (OCI distribution specification, "Error Codes"). */
final class ErrorBody {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 200;

  private ErrorBody() {}

  /** Code and message of the first error; empty if there is none. */
  static String message(byte[] body) {
    String text = new String(body, UTF_8);
    if (!text.stripLeading().startsWith("{")) {
      return "";
    }
    try {
      JsonNode first = JSON.readTree(text).path("errors").path(0);
      String said = (first.path("code").asText() + " " + first.path("message").asText()).strip();
      return Printable.of(said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said);
    } catch (IOException e) {
      return "";
    }
  }
}
