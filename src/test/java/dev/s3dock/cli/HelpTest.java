package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.invocation.ProcessContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

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

  @ParameterizedTest
  @MethodSource("commands")
  void help_tells_the_same_as_the_option(String command) {
    User user = new User(folder);
    String[] words = ("help " + command).split(" ");
    String[] option = (command + " --help").split(" ");
    assertThat(user.s3dock(words).ok().out()).isEqualTo(user.s3dock(option).ok().out());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void an_example_stands_on_one_line_and_is_understood(String command) {
    CommandLine model = S3dock.model(ProcessContext.ofProcess());
    CommandLine named = model;
    for (String word : command.split(" ")) {
      named = Objects.requireNonNull(named.getSubcommands().get(word));
    }
    String help = new User(folder).s3dock((command + " --help").split(" ")).ok().out();
    for (String example : named.getCommandSpec().usageMessage().footer()) {
      assertThat(help.lines()).contains(example);
      Stream.of(example.strip().split(" (&&|\\||>>?) "))
          .filter(line -> line.startsWith("s3dock "))
          .map(line -> line.substring("s3dock ".length()).split(" +"))
          .forEach(words -> assertThat(model.parseArgs(words).errors()).isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void an_address_in_the_help_is_not_broken(String command) {
    CommandLine model = S3dock.model(ProcessContext.ofProcess());
    for (String word : command.split(" ")) {
      model = Objects.requireNonNull(model.getSubcommands().get(word));
    }
    CommandSpec spec = model.getCommandSpec();
    String texts =
        Stream.concat(
                Stream.of(spec.usageMessage().description(), spec.usageMessage().footer()),
                spec.args().stream().map(ArgSpec::description))
            .flatMap(Stream::of)
            .collect(Collectors.joining("\n"));
    for (int columns : new int[] {60, 80}) {
      String help =
          new User(folder).onTerminal(columns).s3dock((command + " --help").split(" ")).ok().out();
      ADDRESS.matcher(texts).results().forEach(it -> assertThat(help).contains(it.group()));
    }
  }

  private static final Pattern ADDRESS = Pattern.compile("[a-z0-9]+://[^\\s,;)]+");

  @Test
  void a_word_too_many_is_named() {
    User.Result result =
        new User(folder).s3dock("promote", "my-app", "v1.0.0", "production", "now");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("takes fewer arguments", "'now'").doesNotContain("missing");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void a_usage_line_is_one_line(String command) {
    String help = new User(folder).s3dock((command + " --help").split(" ")).ok().out();
    assertThat(help.lines().takeWhile(line -> line.contains("s3dock " + command)))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80).contains("[OPTIONS]"));
  }

  @Test
  void without_a_command_an_overview_is_shown_in_groups_with_a_line_for_each() {
    User.Result bare = new User(folder).s3dock();
    assertThat(bare.exitCode()).isEqualTo(2);
    assertThat(bare.out()).isEmpty();
    assertThat(bare.err().lines())
        .contains("Images", "Environments", "Deployments", "The bucket", "This machine")
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    S3dock.model(ProcessContext.ofProcess())
        .getSubcommands()
        .keySet()
        .forEach(
            name ->
                assertThat(bare.err().lines().filter(line -> line.startsWith("  " + name + " ")))
                    .as(name)
                    .singleElement()
                    .asString()
                    .doesNotEndWith("."));
    assertThat(new User(folder).s3dock("help").ok().out()).contains("\nImages\n  build ");
    assertThat(new User(folder).s3dock("--json").json().path("error").textValue())
        .startsWith("name a command: build, ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "images | s3dock list images",
        "image | s3dock remove image",
        "envs myapp | s3dock list envs",
        "show | s3dock config show",
        "pusch myapp | s3dock push",
        "psuh myapp | s3dock push",
        "rm env myapp staging | s3dock remove",
        "delete x | s3dock remove",
        "rmi myapp:20250721-2118-f7a5a27 | s3dock remove image",
        "ls | s3dock list",
        "ps | s3dock status",
        "deplyo | s3dock deploy",
        "list image | s3dock list images",
        "help comletion | s3dock completion",
        "push x --form | --from",
        "list apps --profil=x | --profile"
      })
  void what_was_meant_is_suggested(String line, String meant) {
    User.Result result = new User(folder).s3dock(line.split(" "));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("did you mean `" + meant + "`").doesNotContain("`s3dock tag");
  }

  @ParameterizedTest
  @ValueSource(strings = {"kubernetes", "list frogs", "help frogs", "push x --zzz"})
  void nothing_is_suggested_for_what_is_like_nothing(String line) {
    User.Result result = new User(folder).s3dock(line.split(" "));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("there is no ").doesNotContain("did you mean");
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
    User.Result none = user.s3dock("list", "apps");
    assertThat(none.exitCode()).as("no bucket is asked for").isEqualTo(ExitCode.USAGE);
    assertThat(none.err())
        .contains("no bucket is set", "set bucket of the profile default in ", "s3dock.json5")
        .doesNotContain("config init");
  }

  @Test
  void config_show_names_the_file_and_tells_all_that_is_in_force() throws IOException {
    User user = new User(folder.resolve("show"));
    assertThat(user.s3dock("config", "show").ok().out()).contains("(none: defaults");
    Path file =
        Files.writeString(
            user.workingDirectory().resolve("s3dock.json5"),
            """
            {app: 'shop', profiles: {default: {bucket: 'b', region: 'r1', conditional_writes: 'off'}},
             retention: {keep_last: 7, apps: {web: {targets: 9}}},
             build: {shop: {include: ['target/*.jar']}},
             deploy: {shop: {port: 80, environments: {production: {port: 81}}}}}\
            """);
    String[] show = {"config", "show", "--region", "r2", "--endpoint-url", "http://127.0.0.1:9"};
    assertThat(user.s3dock(show).ok().out())
        .contains("file:        " + file, "region:      r2", "endpoint:    http://127.0.0.1:9")
        .contains("conditional_writes is off", "app: shop (", "docker.timeout: 30s (")
        .contains("retention.keep_last: 7", "retention.apps.web.targets: 9")
        .contains("retention.older_than: -", "build.shop.include: target/*.jar")
        .contains("deploy.shop: production");
    assertThat(user.s3dock("config", "show", "--json").json().at("/data/file").textValue())
        .isEqualTo(file.toString());
  }
}
