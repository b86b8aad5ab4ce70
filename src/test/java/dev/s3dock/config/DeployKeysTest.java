package dev.s3dock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeployKeysTest {
  private static final AppName APP = new AppName("my-app");
  private static final Environment PRODUCTION = new Environment("production");
  private static final Environment STAGING = new Environment("staging");

  @TempDir Path folder;

  private ConfigFile file(String json5) {
    try {
      Path file = Files.writeString(folder.resolve("s3dock.json5"), json5);
      return ConfigFile.load(Optional.of(file), folder, folder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void an_environment_wins_over_the_app_and_the_app_over_the_default() {
    ConfigFile file =
        file(
            """
            { deploy: { "my-app": {
                port: 8080, drain: "5s",
                run: { env: { A: "1", B: "2" }, args: ["serve", "-v"] },
                environments: { staging: { drain: "1s", run: { env: { B: "3" }, args: ["x"] } } },
            } } }
            """);
    DeployValues production = file.deployment(APP, PRODUCTION);
    DeployValues staging = file.deployment(APP, STAGING);
    assertThat(production.get(DeployKeys.PORT)).isEqualTo(8080);
    assertThat(production.get(DeployKeys.DRAIN)).isEqualTo(Duration.ofSeconds(5));
    assertThat(production.get(DeployKeys.BAKE)).isEqualTo(Duration.ofSeconds(15));
    assertThat(production.names(DeployKeys.ENV)).isEqualTo(Map.of("A", "1", "B", "2"));
    assertThat(production.list(DeployKeys.ARGS)).containsExactly("serve", "-v");
    assertThat(staging.get(DeployKeys.DRAIN)).isEqualTo(Duration.ofSeconds(1));
    assertThat(staging.names(DeployKeys.ENV)).isEqualTo(Map.of("A", "1", "B", "3"));
    assertThat(staging.list(DeployKeys.ARGS)).containsExactly("x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: 70000000 | 'deploy.my-app.port' cannot be \"70000000\"",
        "prot: 80 | unknown key 'deploy.my-app.prot'",
        "publish: 'localhost' | an IP address of this host",
        "publish: '0.0.0.0' | an IP address of this host",
        "update: 'canary' | \"all-at-once\" or \"rolling\"",
        "drain: 'soon' | a duration such as",
        "drain: ['1s'] | a duration such as",
        "health: 'yes' | must be an object",
        "health: { passes: 0 } | 1 to 99",
        "health: { pass: 1 } | known are deploy.APP with health.command",
        "run: { env: 'A=1' } | an object such as",
        "run: { args: 'serve' } | a list such as",
        "run: { args: [[1]] } | may hold only texts and numbers",
        "traffic: { driver: 'varnish' } | \"haproxy\"",
        "environments: { 'pro duction': { port: 1 } } | malformed environment",
        "environments: { staging: { environments: { x: {} } } } | unknown key",
      })
  void what_cannot_be_honoured_is_an_error_that_names_key_and_line(String text, String says) {
    String json5 = "{ deploy: {\n 'my-app': { " + text + " } } }";
    assertThatThrownBy(() -> file(json5))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining(says);
  }

  @Test
  void values_of_variables_are_not_shown() {
    assertThatThrownBy(() -> file("{ deploy: { 'my-app': { run: { env: { A: ['hunter2'] } } } } }"))
        .hasMessageNotContaining("hunter2");
    ConfigFile file = file("{ deploy: { 'my-app': { port: 1, run: { env: { A: 'hunter2' } } } } }");
    assertThat(file.toString() + file.deployment(APP, PRODUCTION)).doesNotContain("hunter2");
  }

  @Test
  void a_file_of_secrets_is_read_only_if_nobody_else_can() throws IOException {
    Path secrets = Files.writeString(folder.resolve("secrets"), "# token\n\nTOKEN=a=b c\n");
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> EnvFile.readPrivate(secrets, Map.of()))
        .hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"));
    assertThat(EnvFile.readPrivate(secrets, Map.of())).isEqualTo(Map.of("TOKEN", "a=b c"));
    Path broken = Files.writeString(folder.resolve("broken"), "A=1\nexport B=hunter2\n");
    assertThatThrownBy(() -> EnvFile.read(broken, Map.of()))
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void a_file_of_variables_is_read_as_docker_reads_it() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("variables"),
            "\uFEFFFIRST=1\n  LEAD= two \n  # COMMENT=3\n\nBARE\nABSENT\nLAST==\n");
    assertThat(EnvFile.read(file, Map.of("BARE", "from outside")))
        .isEqualTo(Map.of("FIRST", "1", "LEAD", " two ", "BARE", "from outside", "LAST", "="));
    Path latin = Files.write(folder.resolve("latin"), new byte[] {'A', '=', (byte) 0xe9});
    assertThatThrownBy(() -> EnvFile.read(latin, Map.of())).hasMessageContaining("not UTF-8");
  }

  @Test
  void every_key_is_documented_with_its_default() throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("docs/deploy.md")).stream()
            .filter(line -> line.startsWith("| `"))
            .toList();
    Set<String> own = Set.of("traffic.driver", "traffic.url", "traffic.connect", "traffic.timeout");
    String missing =
        DeployKeys.KEYS.all().stream()
            .filter(key -> !key.name().startsWith("traffic.") || own.contains(key.name()))
            .filter(key -> rows.stream().noneMatch(row -> documents(row, key)))
            .map(Key::name)
            .collect(Collectors.joining(", "));
    assertThat(missing).isEmpty();
  }

  private static boolean documents(String row, Key<?> key) {
    String[] cells = row.split("\\|");
    return cells[1].contains("`" + key.name() + "`")
        && key.standard().map(value -> cells[2].contains("`" + value + "`")).orElse(true);
  }
}
