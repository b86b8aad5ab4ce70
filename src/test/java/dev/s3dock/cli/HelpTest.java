package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.ProcessContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class HelpTest {
  @TempDir static Path folder;

  static Stream<String> commands() {
    List<String> names = new ArrayList<>();
    collect(S3dock.model(ProcessContext.ofProcess()), "", names);
    return names.stream();
  }

  private static void collect(CommandLine line, String prefix, List<String> names) {
    line.getSubcommands()
        .forEach(
            (name, nested) -> {
              names.add((prefix + " " + name).strip());
              collect(nested, prefix + " " + name, names);
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void every_command_has_help_with_an_example(String command) {
    String[] args = (command + " --help").split(" ");
    User.Result help = new User(folder).s3dock(args).ok();
    assertThat(help.out())
        .contains("Usage: s3dock", "Example:", "s3dock " + command.split(" ")[0], "--json");
  }

  @Test
  void global_options_may_stand_before_and_after_the_command() throws IOException {
    String store = Files.createDirectories(folder.resolve("empty")).toUri().toString();
    assertThat(new User(folder).s3dock("--bucket", store, "--json", "list", "apps").ok().out())
        .isEqualTo(new User(folder).s3dock("list", "apps", "-b", store, "--json").ok().out());
    assertThat(new User(folder).s3dock("--version").ok().out()).startsWith("s3dock ");
    assertThat(new User(folder).s3dock().exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completions_are_printed(String shell) {
    assertThat(new User(folder).s3dock("completion", shell).ok().out())
        .contains("promote", "expect");
  }

  @Test
  void the_bash_completion_is_a_valid_script() throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("completion.bash"),
            new User(folder).s3dock("completion", "bash").ok().out());
    Process bash = new ProcessBuilder("bash", "-n", script.toString()).inheritIO().start();
    assertThat(bash.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(bash.exitValue()).isZero();
  }

  @Test
  void a_starter_configuration_is_written_once() {
    User user = new User(folder.resolve("init"));
    user.s3dock("config", "init").ok();
    assertThat(user.s3dock("config", "init").exitCode()).isEqualTo(2);
    assertThat(user.s3dock("config", "list").ok().line()).isEqualTo("* default");
    assertThat(user.s3dock("config", "show").ok().out()).contains("my-images");
  }
}
