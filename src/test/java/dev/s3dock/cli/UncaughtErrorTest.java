package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.Display;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.Screen;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no command can foresee is told in one line, too. */
class UncaughtErrorTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(Error error, String... args) {
    Map<String, String> environment =
        new HashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          public String get(Object variable) {
            throw error;
          }
        };
    return Main.run(
        args,
        new ProcessContext(
            environment,
            folder,
            folder,
            Clock.systemUTC(),
            InputStream.nullInputStream(),
            Screen.NONE,
            new Display(out, Screen.NONE, err, Screen.NONE, Map.of())));
  }

  @Test
  void the_end_of_memory_is_one_line_with_the_remedy() {
    assertThat(run(new OutOfMemoryError("Java heap space"), "list", "apps")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("s3dock: out of memory")
        .contains("(Java heap space)", "S3DOCK_JAVA_OPTS=-Xmx2g")
        .hasLineCount(1);
  }

  @Test
  void with_json_it_is_in_the_envelope() {
    assertThat(run(new StackOverflowError(), "list", "apps", "--json")).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("list apps", "internal error: java.lang.StackOverflowError", "false");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}
