package dev.s3dock.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.testing.engine.OneAnswer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An engine that refuses before it has read everything, and closes: its words are what matters. */
@Timeout(60)
class EarlyAnswerTest {
  private static final String WORDS = "dockerfile parse error line 1: unknown instruction: FORM";
  private static final String REFUSAL = "{\"message\":\"" + WORDS + "\"}";
  private static final String ANSWER =
      "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: "
          + REFUSAL.length()
          + "\r\n\r\n"
          + REFUSAL;
  private static final int LARGE = 32 << 20;

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void message_of_an_early_answer_to_a_load_is_what_the_user_gets(boolean unix, boolean closing)
      throws IOException {
    try (OneAnswer server = server(unix, closing);
        DockerEngine engine = connect(server)) {
      fails(Kind.LOAD_REFUSED, () -> engine.load(new ByteArrayInputStream(new byte[LARGE])));
    }
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void message_of_an_early_answer_to_a_build_is_what_the_user_gets(boolean unix, boolean closing)
      throws IOException {
    Path context = Files.createDirectory(temp.resolve("context"));
    Path dockerfile = Files.writeString(context.resolve("Dockerfile"), "FORM scratch\n");
    Files.write(context.resolve("large"), new byte[LARGE]);
    BuildRequest request =
        new BuildRequest(
            context,
            dockerfile,
            "app:1",
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            false,
            Map.of(),
            ContextSelection.WORK_TREE,
            SourceDates.of(Instant.EPOCH));
    try (OneAnswer server = server(unix, closing);
        DockerEngine engine = connect(server)) {
      fails(
          Kind.BUILD_FAILED,
          () -> assertThat(engine.build(request, OutputStream.nullOutputStream())).isNull());
    }
  }

  private static void fails(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(throwable(EngineException.class))
        .hasMessageEndingWith(": " + WORDS)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private OneAnswer server(boolean unix, boolean closing) throws IOException {
    OneAnswer.Waiting server =
        (unix ? OneAnswer.onSocket(temp.resolve("s")) : OneAnswer.onPort()).after(300_000);
    return closing ? server.closing(ANSWER) : server.readingOn(ANSWER);
  }

  /** Without a PATH there is no docker program, so that the engine builds. */
  private static DockerEngine connect(OneAnswer server) {
    return DockerEngine.connect(
        Map.of("DOCKER_HOST", server.dockerHost(), "HOME", "/nonexistent"), Duration.ofMinutes(1));
  }
}
