package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.distribution.server.AccessRecord;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The access log of a server: a line on stderr for each request. */
public final class AccessLines implements AccessRecord.Log {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final ProcessContext process;
  private final boolean json;
  private final boolean problemsOnly;

  /**
   * Writes lines.
   *
   * @param json an object in each line
   * @param problemsOnly requests that the server has answered as it should are left out
   */
  public AccessLines(ProcessContext process, boolean json, boolean problemsOnly) {
    this.process = process;
    this.json = json;
    this.problemsOnly = problemsOnly;
  }

  @Override
  public void answered(AccessRecord access) {
    if (!problemsOnly || !access.problem().isEmpty()) {
      process.err().println(json ? json(access) : text(access));
    }
  }

  private static String text(AccessRecord access) {
    return "%s %s %s \"%s %s\" %d %d %.3fs \"%s\"%s%s"
        .formatted(
            TIME.format(access.at()),
            access.client(),
            access.user().isEmpty() ? "-" : word(access.user()),
            word(access.method()),
            word(access.target()),
            access.status(),
            access.bytes(),
            access.took().toNanos() / 1e9,
            word(access.userAgent()),
            access.whole() ? "" : " cut",
            access.problem().isEmpty() ? "" : " " + Printable.of(access.problem()));
  }

  /** Without what would end the field. */
  private static String word(String text) {
    return Printable.of(text).replace('"', '\'');
  }

  private static String json(AccessRecord access) {
    StringWriter out = new StringWriter();
    try (JsonGenerator line = JsonFactory.builder().build().createGenerator(out)) {
      line.setCharacterEscapes(new TerminalEscapes());
      line.writeStartObject();
      line.writeStringField("time", TIME.format(access.at()));
      line.writeStringField("client", access.client());
      line.writeStringField("user", Printable.of(access.user()));
      line.writeStringField("method", Printable.of(access.method()));
      line.writeStringField("target", Printable.of(access.target()));
      line.writeNumberField("status", access.status());
      line.writeNumberField("bytes", access.bytes());
      line.writeBooleanField("whole", access.whole());
      line.writeNumberField("milliseconds", access.took().toMillis());
      line.writeStringField("user_agent", Printable.of(access.userAgent()));
      line.writeStringField("problem", Printable.of(access.problem()));
      line.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }
}
