package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.agent.AgentEvent;
import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;

/** The log of an agent: a line on stderr for each thing that happened. */
public final class AgentLines implements AgentEvent.Log {
  private final ProcessContext process;
  private final boolean json;
  private final boolean problemsOnly;
  private final boolean everything;

  /**
   * Writes lines.
   *
   * @param json an object in each line
   * @param problemsOnly what goes as it should is left out
   * @param everything also each step of a deployment
   */
  public AgentLines(
      ProcessContext process, boolean json, boolean problemsOnly, boolean everything) {
    this.process = process;
    this.json = json;
    this.problemsOnly = problemsOnly;
    this.everything = everything;
  }

  @Override
  public void happened(AgentEvent event) {
    if (problemsOnly ? isProblem(event.kind()) : everything || event.kind() != Kind.STEP) {
      process.err().println(json ? json(event) : text(event));
    }
  }

  private static boolean isProblem(Kind kind) {
    return kind == Kind.PROBLEM || kind == Kind.FAILED || kind == Kind.POSTPONED;
  }

  private static String time(AgentEvent event) {
    return event.at().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String text(AgentEvent event) {
    StringBuilder line = new StringBuilder(time(event));
    event
        .service()
        .ifPresent(it -> line.append(' ').append(it.app()).append(':').append(it.environment()));
    line.append(' ').append(event.kind());
    event.image().ifPresent(it -> line.append(' ').append(it));
    if (!event.text().isEmpty()) {
      line.append(": ").append(Printable.of(event.text()));
    }
    return line.toString();
  }

  private static String json(AgentEvent event) {
    StringWriter out = new StringWriter();
    try (JsonGenerator line = JsonFactory.builder().build().createGenerator(out)) {
      line.setCharacterEscapes(new TerminalEscapes());
      line.writeStartObject();
      line.writeStringField("time", time(event));
      line.writeStringField("event", event.kind().toString());
      line.writeStringField("app_name", event.service().map(it -> it.app().value()).orElse(""));
      line.writeStringField(
          "environment", event.service().map(it -> it.environment().value()).orElse(""));
      line.writeStringField("image_ref", event.image().map(ImageReference::toString).orElse(""));
      line.writeStringField("text", Printable.of(event.text()));
      line.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }
}
