package dev.s3dock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.Display;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A script that keeps the output in a file must hear when that is not there. */
class LostResultTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String failure, String line) {
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException(failure);
          }
        };
    return Main.run(
        line.split(" "),
        new ProcessContext(
            Map.of(),
            folder,
            folder,
            Clock.systemUTC(),
            InputStream.nullInputStream(),
            Screen.NONE,
            new Display(out, Screen.NONE, err, Screen.NONE, Map.of())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "version --json", "completion bash", "help", "help push"})
  void a_result_that_a_full_disk_does_not_take_is_a_failure(String line) {
    assertThat(run("No space left on device", line)).isEqualTo(ExitCode.FAILURE);
    assertThat(err.toString(UTF_8))
        .contains("cannot write the result to standard output (No space left on device)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "version --json", "help"})
  void a_reader_that_has_read_enough_is_none(String line) {
    assertThat(run("Broken pipe", line)).isZero();
    assertThat(err.toString(UTF_8)).isEmpty();
  }
}
