package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.TextWidth;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.Terminal;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in a pseudo terminal, and in a pipe. */
class TerminalTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final int LARGE = 16 << 20;

  @TempDir Path folder;
  private User user;
  private Path output;

  @BeforeEach
  void open() {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    output = folder.resolve("output");
  }

  /** So large that to push it takes longer than the first drawing. */
  private Path image(int bytes) {
    byte[] content = Noise.of(1, bytes);
    return TestImages.dockerSave(
        folder.resolve("image.tar"), ImageSpec.small().withFile("large", content), REF);
  }

  private String onTerminal(int columns, String script) throws IOException, InterruptedException {
    Process process = user.startOnTerminal(columns, output, script);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 80, 120})
  void progress_is_drawn_and_fits_the_terminal(int columns) throws Exception {
    String sent = onTerminal(columns, "s3dock push " + REF + " --from " + image(LARGE));
    List<String> lines = Terminal.lines(sent);
    assertThat(lines).anyMatch(line -> line.startsWith("pack ") || line.startsWith("upload "));
    assertThat(lines)
        .filteredOn(line -> !line.contains(REF)) // a sentence may wrap, a drawing may not
        .allSatisfy(line -> assertThat(TextWidth.of(line)).isLessThan(columns));
    assertThat(sent).as("nothing of the progress is left").contains("\r\u001b[K");
  }

  /**
   * On a real terminal of 80 columns, and in this process as if on another one; with {@code ./check
   * --all} on real ones alone.
   */
  private String shown(int columns, List<String> commands)
      throws IOException, InterruptedException {
    if (columns == 80 || Boolean.getBoolean("s3dock.all")) {
      return onTerminal(
          columns, commands.stream().map(it -> "s3dock " + it).collect(Collectors.joining("; ")));
    }
    User there = user.onTerminal(columns);
    return commands.stream()
        .map(it -> there.s3dock(it.split(" ")).ok().out())
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80})
  void tables_fit_the_terminal(int columns) throws Exception {
    user.s3dock("push", REF, "--from", image(10).toString()).ok();
    user.s3dock("tag", REF, "v1.0.0").ok();
    user.s3dock("promote", "my-app", "v1.0.0", "production").ok();
    user.s3dock("promote", REF, "an-environment-with-a-long-name", "--create").ok();
    String sent =
        shown(
            columns,
            List.of(
                "list images my-app",
                "list envs my-app",
                "audit my-app",
                "history my-app production"));
    assertThat(Terminal.lines(sent))
        .hasSizeGreaterThan(8)
        .allSatisfy(line -> assertThat(TextWidth.of(line)).isLessThanOrEqualTo(columns));
    assertThat(sent).contains("IMAGE", "WHAT").doesNotContain("\t");
    assertThat(Terminal.lines(sent))
        .as("what one came for is whole")
        .filteredOn(line -> line.contains(REF))
        .hasSizeGreaterThanOrEqualTo(7);
    assertThat(sent).as("columns go, references are not cut").doesNotContain("my-app:2025…");
  }

  @Test
  void in_a_pipe_there_are_lines_without_carriage_returns_and_escapes() throws Exception {
    Process process =
        user.start(200, output, "push", REF, "--from", image(LARGE).toString(), "-l", "3");
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readString(output)).contains(REF).doesNotContain("\r", "\u001b");
  }

  @Test
  void stdout_decides_for_tables_stderr_for_progress_and_stdin_for_neither() throws Exception {
    user.s3dock("push", REF, "--from", image(10).toString()).ok();
    Path large = image(LARGE);
    String sent =
        onTerminal(
            80,
            String.join(
                "; ",
                "s3dock list images my-app | sed 's/^/piped: /'",
                "s3dock list images my-app </dev/null",
                "s3dock push my-app:20250722-0000-aaaaaaa --from %s >%s </dev/null"
                    .formatted(large, folder.resolve("stdout")),
                "s3dock push my-app:20250723-0000-aaaaaaa --from %s 2>%s"
                    .formatted(large, folder.resolve("stderr"))));
    assertThat(sent).contains("piped: " + REF + "\t202507\t");
    assertThat(Terminal.lines(sent)).anyMatch(line -> line.startsWith("IMAGE"));
    assertThat(Terminal.lines(sent)).anyMatch(line -> line.matches("(pack|upload) .*"));
    assertThat(Files.readString(folder.resolve("stdout"))).doesNotContain("\r", "\u001b");
    assertThat(Files.readString(folder.resolve("stderr"))).doesNotContain("\r", "\u001b");
  }

  @Test
  void errors_are_red_on_a_terminal_unless_somebody_wants_no_colours() throws Exception {
    String red = "\u001b[31ms3dock:\u001b[0m";
    String failing = "s3dock current my-app nowhere; true";
    assertThat(onTerminal(80, failing)).contains(red);
    assertThat(onTerminal(80, "NO_COLOR=1; export NO_COLOR; " + failing))
        .doesNotContain("\u001b[3");
    assertThat(onTerminal(80, "TERM=dumb; export TERM; " + failing)).doesNotContain("\u001b");
    assertThat(onTerminal(80, "s3dock current my-app nowhere --color never; true"))
        .doesNotContain("\u001b[3");
    assertThat(onTerminal(80, failing.replace(";", " 2>&1 | cat;"))).doesNotContain("\u001b");
    assertThat(user.s3dock("current", "my-app", "nowhere", "--color=always").err()).startsWith(red);
    assertThat(user.s3dock("current", "my-app", "nowhere").err()).startsWith("s3dock: ");
    assertThat(user.s3dock("current", "my-app", "nowhere", "--color", "sometimes").exitCode())
        .isEqualTo(2);
  }

  @Test
  void the_help_has_no_colours_in_a_pipe() throws Exception {
    assertThat(onTerminal(80, "s3dock --help | cat")).doesNotContain("\u001b");
  }
}
