package dev.s3dock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.image.AppName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static final Settings.Flags NO_FLAGS =
      flags(Optional.empty(), Optional.empty(), Optional.empty());

  @TempDir Path folder;

  private static Settings.Flags flags(
      Optional<String> profile, Optional<String> bucket, Optional<Integer> level) {
    return new Settings.Flags(profile, bucket, Optional.empty(), Optional.empty(), level);
  }

  private ConfigFile file(String text) throws IOException {
    Path file = folder.resolve("s3dock.json5");
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return ConfigFile.load(Optional.empty(), folder, folder);
  }

  private static Settings resolve(ConfigFile file) {
    return Settings.resolve(file, NO_FLAGS, Map.of());
  }

  @Test
  void the_originals_example_is_understood() throws IOException {
    Settings settings =
        resolve(
            file(
                """
                {
                  // several environments
                  "default_profile": "dev",
                  "profiles": {
                    "dev": {
                      "bucket": "dev-containers",
                      "region": "us-east-1",
                      "endpoint": "http://localhost:9000",
                      "access_key": "testuser",
                      "secret_key": "testpass123"
                    },
                    "prod": { "bucket": "prod-containers", "region": "us-west-2" }
                  },
                  "docker": { "timeout": "30s", "compression": "gzip" },
                  "naming": {
                    "include_git_branch": false,
                    "timestamp_format": "20060102-1504",
                    "path_template": "images/{app}/{year_month}/{filename}"
                  },
                  "defaults": { "retry_count": 3, "log_level": "info" }
                }
                """));
    assertThat(settings.bucket()).contains("dev-containers");
    assertThat(settings.endpoint()).contains(URI.create("http://localhost:9000"));
    assertThat(settings.dockerTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.logLevel()).isEqualTo(2);
    assertThat(settings.toString()).doesNotContain("testpass123");
  }

  @Test
  void json5_may_have_comments_single_quotes_bare_names_and_trailing_commas() throws IOException {
    Settings settings =
        resolve(file("{ /* here */ profiles: { default: { bucket: 'b', }, }, // end\n }"));
    assertThat(settings.bucket()).contains("b");
  }

  @Test
  void a_flag_wins_over_the_environment_and_that_over_the_file() throws IOException {
    ConfigFile file =
        file("{profiles: {default: {bucket: 'file', region: 'r1'}, p: {bucket: 'p'}}}");
    Map<String, String> environment = Map.of("S3DOCK_BUCKET", "env", "AWS_REGION", "r2");
    Settings.Flags bucket = flags(Optional.empty(), Optional.of("flag"), Optional.of(3));
    assertThat(resolve(file).bucket()).contains("file");
    assertThat(Settings.resolve(file, NO_FLAGS, environment).bucket()).contains("env");
    assertThat(Settings.resolve(file, NO_FLAGS, environment).region()).contains("r2");
    assertThat(Settings.resolve(file, bucket, environment).bucket()).contains("flag");
    assertThat(Settings.resolve(file, bucket, environment).logLevel()).isEqualTo(3);
    assertThat(Settings.resolve(file, NO_FLAGS, Map.of("S3DOCK_PROFILE", "p")).bucket())
        .contains("p");
  }

  @Test
  void region_and_endpoint_of_the_command_line_win_as_the_aws_clis_do() throws IOException {
    ConfigFile file = file("{profiles: {default: {region: 'r1', endpoint: 'http://a:1'}}}");
    Map<String, String> environment =
        Map.of("AWS_REGION", "r2", "AWS_ENDPOINT_URL", "http://b:1", "AWS_ENDPOINT_URL_S3", "c");
    Settings.Flags flags =
        new Settings.Flags(
            Optional.empty(),
            Optional.empty(),
            Optional.of("r3"),
            Optional.of("http://d:1"),
            Optional.empty());
    Settings settings = Settings.resolve(file, flags, environment);
    assertThat(settings.region()).contains("r3");
    assertThat(settings.endpoint()).contains(URI.create("http://d:1"));
  }

  @Test
  void the_app_where_none_is_named_has_to_be_one() throws IOException {
    assertThat(file("{app: 'shop'}").app()).contains(new AppName("shop"));
    assertThat(file("{}").app()).isEmpty();
    assertThatThrownBy(() -> file("{app: 'My Shop'}")).hasMessageContaining("'app' cannot be");
  }

  @Test
  void the_aws_clis_default_region_is_a_default() throws IOException {
    Map<String, String> environment = Map.of("AWS_DEFAULT_REGION", "r3");
    ConfigFile file = file("{profiles: {default: {bucket: 'b'}, p: {region: 'r1'}}}");
    Settings.Flags flags = flags(Optional.of("p"), Optional.empty(), Optional.empty());
    assertThat(Settings.resolve(file, NO_FLAGS, environment).region()).contains("r3");
    assertThat(Settings.resolve(file, flags, environment).region()).contains("r1");
  }

  @Test
  void credentials_come_as_a_pair_and_are_never_shown() throws IOException {
    ConfigFile file =
        file("{profiles: {default: {access_key: 'AKIAEXAMPLE1234', secret_key: 'shhh-secret'}}}");
    Settings.Credentials credentials = resolve(file).credentials().orElseThrow();
    assertThat(credentials.masked()).isEqualTo("****1234");
    assertThat(credentials.toString() + file).doesNotContain("shhh-secret", "AKIAEXAMPLE1234");
    assertThatThrownBy(() -> Settings.resolve(file, NO_FLAGS, Map.of("AWS_ACCESS_KEY_ID", "AKIA")))
        .hasMessageContaining("AWS_SECRET_ACCESS_KEY");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{docker: {\\n timeout: '5 min'}} | line 2 | docker.timeout",
        "{docker: {compression: 'brotli'}} | line 1 | docker.compression",
        "{docker: {threads: 0}} | line 1 | docker.threads",
        "{docker: {cache: '2GB'}} | line 1 | docker.cache",
        "{cache: {size: '2GB'}} | line 1 | cache.size",
        "{cache: {path: 'here'}} | line 1 | cache.path",
        "{naming: {include_git_branch: true}} | line 1 | naming.include_git_branch",
        "{naming:\\n{\\ntimestamp_format: '2006'}} | line 3 | naming.timestamp_format",
        "{naming: {path_template: 'x'}} | line 1 | naming.path_template",
        "{defaults: {retry_count: 99}} | line 1 | defaults.retry_count",
        "{defaults: {log_level: 'loud'}} | line 1 | defaults.log_level",
        "{profiles: {a: {\\nbuckt: 'x'}}} | line 2 | profiles.a.buckt",
        "{profiles: {a: {bucket: 7}}} | line 1 | profiles.a.bucket",
        "{unheard_of: {}} | line 1 | unheard_of",
        "{docker: {timeout: {}}} | line 1 | docker.timeout",
        "{profiles: {a: {bucket: 'x\\\\\\ny'}}} | line 1 | profiles.a.bucket",
        "{unheard_of: 1} | line 1 | unheard_of",
        "{profiles: {a: ['x']}} | line 1 | profiles.a",
        "{a: 1, a: 2} | line 1 | 'a'",
        "{\\n\\nprofiles: ] } | line 3 | ]"
      })
  void what_cannot_be_honoured_is_told_by_key_and_line(String text, String line, String key) {
    assertThatThrownBy(() -> resolve(file(text.translateEscapes())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("s3dock.json5", line, key);
  }

  @Test
  void an_unknown_key_is_told_with_those_of_its_section() {
    assertThatThrownBy(() -> file("{docker: {timeuot: '5m'}}"))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e -> {
              assertThat(e.wanted()).isEqualTo("docker.timeuot");
              assertThat(e.existing()).contains("docker.timeout").doesNotContain("default_profile");
            });
  }

  @Test
  void a_secret_that_cannot_be_honoured_is_not_shown() {
    assertThatThrownBy(() -> file("{profiles: {a: {secret_key: 4711000815}}}"))
        .hasMessageContaining("profiles.a.secret_key")
        .hasMessageNotContaining("4711000815");
  }

  @Test
  void what_is_in_force_is_told_by_key() throws IOException {
    Settings.Flags flags = flags(Optional.empty(), Optional.empty(), Optional.of(3));
    assertThat(Settings.resolve(file("{docker: {cache: 'off'}}"), flags, Map.of()).general())
        .containsEntry(ConfigKeys.CACHE, "off")
        .containsEntry(ConfigKeys.TIMEOUT, "30s")
        .containsEntry(ConfigKeys.THREADS, "")
        .containsEntry(ConfigKeys.LOG_LEVEL, "3");
  }

  @Test
  void every_key_is_documented_with_its_default() throws IOException {
    List<String> items =
        Files.readString(Path.of("docs/configuration.md")).replace("\n  ", " ").lines().toList();
    assertThat(undocumented(items, "", ConfigKeys.GENERAL)).isEmpty();
    assertThat(undocumented(items, "retention.", RetentionKeys.KEYS)).isEmpty();
    assertThat(ConfigKeys.PROFILE.all())
        .allMatch(key -> items.stream().anyMatch(item -> item.contains("." + key + "`")));
  }

  private static List<String> undocumented(List<String> items, String section, Keys keys) {
    return keys.all().stream()
        .filter(
            key ->
                items.stream()
                    .filter(item -> item.contains("`" + section + key + "`"))
                    .noneMatch(
                        item ->
                            key.standard().stream().allMatch(s -> item.contains("`" + s + "`"))))
        .map(Key::name)
        .toList();
  }

  @Test
  void an_unknown_profile_is_told_with_those_that_exist() throws IOException {
    ConfigFile file = file("{profiles: {production: {bucket: 'b'}}}");
    Settings.Flags flags = flags(Optional.of("prodction"), Optional.empty(), Optional.empty());
    assertThatThrownBy(() -> Settings.resolve(file, flags, Map.of()))
        .isInstanceOfSatisfying(
            ConfigException.class, e -> assertThat(e.existing()).containsExactly("production"));
  }

  @Test
  void a_profile_may_be_empty() throws IOException {
    Settings.Flags flags = flags(Optional.of("chain"), Optional.of("b"), Optional.empty());
    assertThat(Settings.resolve(file("{profiles: {chain: {}}}"), flags, Map.of()).profile())
        .isEqualTo("chain");
  }

  @Test
  void a_secret_that_others_can_read_is_warned_about() throws IOException {
    file("{profiles: {default: {access_key: 'a', secret_key: 's'}}}");
    Path path = folder.resolve("s3dock.json5");
    assertThat(ConfigFile.load(Optional.empty(), folder, folder).warnings()).isEmpty();
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(ConfigFile.load(Optional.empty(), folder, folder).warnings())
        .singleElement()
        .asString()
        .contains("chmod 600", path.toString());
  }

  @Test
  void the_starter_file_is_valid_and_never_overwrites() throws IOException {
    Path path = folder.resolve("s3dock.json5");
    StarterFile.write(path);
    assertThat(resolve(ConfigFile.load(Optional.empty(), folder, folder)).bucket())
        .as("a name that is written there might be somebody's")
        .isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    Files.writeString(path, "{}");
    assertThatThrownBy(() -> StarterFile.write(path)).isInstanceOf(ConfigException.class);
    assertThat(path).hasContent("{}");
  }

  @Test
  void a_named_file_must_exist() {
    assertThatThrownBy(() -> ConfigFile.load(Optional.of(Path.of("absent.json5")), folder, folder))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("absent.json5", "config init");
  }

  @Test
  void a_file_that_says_the_same_is_the_same() throws IOException {
    ConfigFile first = file("{app: 'one'}");
    assertThat(first.again(Optional.empty(), folder, folder)).isSameAs(first);
    assertThat(first.again(Optional.of(folder.resolve(ConfigFile.NAME)), folder, folder))
        .isNotSameAs(first);

    file("{app: 'two'}");
    assertThat(first.again(Optional.empty(), folder, folder).app()).contains(new AppName("two"));
    Files.delete(folder.resolve(ConfigFile.NAME));
    assertThat(first.again(Optional.empty(), folder, folder).app()).isEmpty();
  }
}
