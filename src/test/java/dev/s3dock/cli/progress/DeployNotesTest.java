package dev.s3dock.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.Display;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.Screen;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeployNotesTest {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final Screen TERMINAL =
      new Screen() {
        @Override
        public boolean isTerminal() {
          return true;
        }

        @Override
        public int columns() {
          return 80;
        }
      };

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private DeployNotes notes(Screen screen) {
    ProcessContext process =
        new ProcessContext(
            Map.of(),
            Path.of(""),
            Path.of(""),
            Clock.systemUTC(),
            InputStream.nullInputStream(),
            Screen.NONE,
            new Display(OutputStream.nullOutputStream(), Screen.NONE, err, screen, Map.of()));
    return new DeployNotes(new GlobalOptions(process) {}, process);
  }

  private String written() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static void watches(DeployNotes notes, int seconds, String problem) {
    notes.waits(
        "watching green",
        Duration.ofSeconds(seconds),
        LIMIT,
        Optional.of(problem).filter(text -> !text.isEmpty()));
  }

  @Test
  void on_a_terminal_the_wait_is_on_the_last_line_and_goes_away() {
    DeployNotes notes = notes(TERMINAL);
    notes.begins(Step.BAKE);
    watches(notes, 9, "");
    Eventually.holds("the wait", () -> written().contains("watching green: 9 of 15 s"));
    Eventually.holds("it goes on", () -> written().contains("watching green: 10 of 15 s"));
    watches(notes, 11, "/health answered with status 500");
    Eventually.holds(
        "the last problem", () -> written().contains("of 15 s (/health answered with status 500)"));
    notes.ended(Step.BAKE, LIMIT);
    assertThat(written()).endsWith("\r\u001b[K");
  }

  @Test
  void in_a_pipe_a_new_problem_is_a_line_at_once_and_only_once() {
    DeployNotes notes = notes(Screen.NONE);
    notes.begins(Step.HEALTH);
    watches(notes, 0, "");
    watches(notes, 1, "connection refused");
    watches(notes, 2, "connection refused");
    watches(notes, 3, "status 500");
    assertThat(written())
        .isEqualTo(
            "watching green: 1 of 15 s (connection refused)\nwatching green: 3 of 15 s (status 500)\n");
  }
}
