package dev.s3dock.cli.render;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.ReportedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes results to stdout: text for people and scripts, or one JSON envelope. The envelope's
 * verdict comes last, so that a long list can be streamed and the verdict is still true.
 */
public final class Output {
  private final ProcessContext process;
  private final boolean json;

  public Output(ProcessContext process, boolean json) {
    this.process = process;
    this.json = json;
  }

  /** Writes the fields of {@code data}. */
  public interface Data {
    void write(JsonGenerator generator) throws IOException;
  }

  public boolean isJson() {
    return json;
  }

  /** Prints the text, or with {@code --json} the data. */
  public void result(String command, String text, Data data) {
    if (!json) {
      process.out().println(text);
      return;
    }
    stream(command, data);
  }

  /** Prints the envelope around data that is written as it comes. */
  public void stream(String command, Data data) {
    try (JsonGenerator generator = generator()) {
      generator.writeStartObject();
      generator.writeStringField("command", command);
      generator.writeObjectFieldStart("data");
      try {
        data.write(generator);
      } catch (RuntimeException e) {
        while (!generator.getOutputContext().getParent().inRoot()) {
          close(generator);
        }
        verdict(generator, ErrorMessage.of(e));
        throw new ReportedException(e);
      }
      generator.writeEndObject();
      verdict(generator, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Prints values as they come, one a line, without an envelope: for what has no end. The last line
   * of one that fails is the envelope of the failure, in a line too.
   *
   * @param values hands on what writes each value
   */
  public void lines(String command, Consumer<Consumer<Data>> values) {
    try {
      values.accept(this::line);
    } catch (RuntimeException e) {
      try (JsonGenerator generator = compact()) {
        failure(generator, command, ErrorMessage.of(e));
      } catch (IOException io) {
        throw new UncheckedIOException(io);
      }
      throw new ReportedException(e);
    }
  }

  private void line(Data value) {
    try (JsonGenerator generator = compact()) {
      value.write(generator);
      generator.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints the envelope of a command that failed. */
  public void failure(String command, String message) {
    try (JsonGenerator generator = generator()) {
      failure(generator, command, message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void failure(JsonGenerator generator, String command, String message)
      throws IOException {
    generator.writeStartObject();
    generator.writeStringField("command", command);
    generator.writeNullField("data");
    verdict(generator, message);
  }

  private static void close(JsonGenerator generator) throws IOException {
    if (generator.getOutputContext().inArray()) {
      generator.writeEndArray();
    } else {
      generator.writeEndObject();
    }
  }

  private static void verdict(JsonGenerator generator, @Nullable String error) throws IOException {
    generator.writeBooleanField("success", error == null);
    if (error != null) {
      generator.writeStringField("error", error);
    }
    generator.writeEndObject();
    generator.writeRaw('\n');
  }

  private JsonGenerator generator() throws IOException {
    return compact()
        .setPrettyPrinter(
            new DefaultPrettyPrinter(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)));
  }

  private JsonGenerator compact() throws IOException {
    JsonGenerator generator =
        JsonFactory.builder().build().createGenerator(process.out(), JsonEncoding.UTF8);
    generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    generator.setCharacterEscapes(new TerminalEscapes());
    return generator;
  }
}
