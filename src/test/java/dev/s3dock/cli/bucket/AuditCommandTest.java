package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.cli.User;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class AuditCommandTest {
  private static final Path SAMPLES = Path.of("src/test/resources/original-bucket");
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmm").withZone(ZoneOffset.UTC);

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void open() throws IOException {
    store = Files.createDirectories(folder.resolve("store"));
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
  }

  private Path put(String key, String text) throws IOException {
    Path file = store.resolve(key);
    Files.createDirectories(file.resolveSibling("."));
    return Files.writeString(file, text);
  }

  /** A promotion as s3dock writes it; {@code suffix} such as {@code -2} on a clash. */
  private void promotion(String at, String environment, String by, String suffix)
      throws IOException {
    String minute = MINUTE.format(Instant.parse(at));
    put(
        "audit/my-app/%s/%s-promotion-f7a5a27%s.json"
            .formatted(minute.substring(0, 6), minute, suffix),
        """
        {"event_type": "promotion", "timestamp": "%s", "user": "%s", "app_name": "my-app",
         "git_hash": "f7a5a27", "git_time": "20250721-2118",
         "details": {"environment": "%s", "source": "my-app:v1.2.0", "source_type": "tag",
         "previous_target": "images/my-app/202507/my-app-20250720-1045-def5678.tar.gz"},
         "host": "build-1", "tool": "s3dock test", "ticket": 7}
        """
            .formatted(at, by, environment));
  }

  private void original() throws IOException {
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        put(SAMPLES.relativize(file).toString(), Files.readString(file));
      }
    }
  }

  private List<String> times(String... options) {
    return column(0, options);
  }

  private List<String> column(int column, String... options) {
    List<String> args = new ArrayList<>(List.of("audit", "my-app"));
    args.addAll(List.of(options));
    return user.s3dock(args.toArray(String[]::new))
        .ok()
        .out()
        .lines()
        .map(line -> line.split("\t", -1)[column])
        .toList();
  }

  @Test
  void an_event_tells_when_who_where_what_and_what_was_before() throws IOException {
    promotion("2025-08-01T10:00:00.5Z", "production", "alice", "");
    assertThat(user.s3dock("audit", "my-app").ok().out())
        .isEqualTo(
            "2025-08-01T10:00:00Z\talice\tbuild-1\tpromotion\tproduction: my-app:v1.2.0"
                + "\tmy-app:20250720-1045-def5678\n");
  }

  @Test
  void on_a_terminal_it_is_a_table() throws IOException {
    promotion("2025-08-01T10:00:00Z", "production", "alice", "");
    assertThat(user.onTerminal().s3dock("audit", "my-app").ok().out().lines().map(String::strip))
        .satisfiesExactly(
            header -> assertThat(header).matches("TIME +USER +HOST +EVENT +WHAT +BEFORE"),
            row -> assertThat(row).startsWith("2025-08-01T10:00:00Z   alice   build-1"));
  }

  @Test
  void events_of_one_minute_are_in_the_order_of_their_times_and_not_of_their_names()
      throws IOException {
    promotion("2025-08-01T10:00:30Z", "a", "alice", "");
    promotion("2025-08-01T10:00:20Z", "b", "alice", "-2");
    promotion("2025-08-01T10:00:30Z", "c", "alice", "-10");
    promotion("2025-08-01T10:00:30Z", "d", "alice", "-3");
    assertThat(column(4))
        .extracting(what -> what.substring(0, 1))
        .containsExactly("b", "a", "d", "c");
  }

  @Test
  void bounds_hold_to_the_second_and_across_months() throws IOException {
    List<String> all =
        List.of(
            "2025-06-30T23:59:59Z",
            "2025-07-31T23:59:59Z",
            "2025-08-01T00:00:00Z",
            "2025-08-01T00:00:01Z",
            "2025-09-01T00:00:00Z");
    for (String at : all) {
      promotion(at, "production", "alice", at.endsWith("01Z") ? "-2" : "");
    }
    assertThat(times()).isEqualTo(all);
    assertThat(times("--since", "2025-08-01")).isEqualTo(all.subList(2, 5));
    assertThat(times("--since", "2025-08-01T02:00:01+02:00")).isEqualTo(all.subList(3, 5));
    assertThat(times("--until", "2025-08-01")).isEqualTo(all.subList(0, 2));
    assertThat(times("--since", "2025-07-31T23:59:59Z", "--until", "2025-08-01T00:00:01Z"))
        .isEqualTo(all.subList(1, 3));
    assertThat(times("--since", "1h")).isEmpty();
    assertThat(times("--since", "2025-07-01", "--limit", "2")).isEqualTo(all.subList(3, 5));
    assertThat(times("--until", "2025-09-01", "--limit", "3")).isEqualTo(all.subList(1, 4));
  }

  @Test
  void events_are_picked_by_environment_user_and_kind() throws IOException {
    original();
    promotion("2025-08-03T10:00:00Z", "staging", "alice", "");
    promotion("2025-08-03T10:01:00Z", "production", "bob", "");
    assertThat(column(1)).containsExactly("ci", "ci", "deployer", "alice", "bob");
    assertThat(column(1, "--env", "production")).containsExactly("deployer", "bob");
    assertThat(column(3, "--user", "ci")).containsExactly("push", "tag");
    assertThat(column(3, "--event", "tag")).containsExactly("tag");
    assertThat(column(1, "--event", "promotion", "--env", "staging", "--user", "bob")).isEmpty();
    assertThat(column(1, "--env", "production", "--limit", "1")).containsExactly("bob");
  }

  @Test
  void events_of_the_original_are_read_too_and_have_no_host() throws IOException {
    original();
    assertThat(user.s3dock("audit", "my-app").ok().out())
        .isEqualTo(
            """
            2025-08-02T07:14:09Z	ci	-	push	my-app:20250731-2350-f7a5a27	-
            2025-08-02T07:20:00Z	ci	-	tag	v1.2.0 is my-app:20250731-2350-f7a5a27	-
            2025-08-02T07:30:12Z	deployer	-	promotion	production: my-app:v1.2.0	my-app:20250720-1045-def5678
            """);
  }

  @Test
  void the_original_names_events_by_local_time_and_they_are_in_order_nevertheless()
      throws IOException {
    original();
    promotion("2025-08-02T08:00:00Z", "staging", "alice", "");
    assertThat(times()).isSorted().hasSize(4);
    assertThat(times("--since", "2025-08-02T07:25:00Z")).hasSize(2);
    assertThat(times("--until", "2025-08-02T07:31:00Z")).hasSize(3);
  }

  @Test
  void a_local_time_may_lie_in_another_month() throws IOException {
    put(
        "audit/my-app/202508/20250801-0130-push-f7a5a27.json",
        """
        {"event_type": "push", "timestamp": "2025-08-01T01:30:00+02:00", "user": "ci",
         "app_name": "my-app", "details": {}}
        """);
    assertThat(times("--until", "2025-08-01")).containsExactly("2025-07-31T23:30:00Z");
    assertThat(times("--since", "2025-08-01")).isEmpty();
  }

  @Test
  void json_has_every_field_of_the_event_and_its_key() throws IOException {
    promotion("2025-08-01T10:00:00.123456789Z", "production", "alice", "");
    JsonNode data = user.s3dock("audit", "my-app", "--json").ok().json().path("data");
    assertThat(data.path("app_name").textValue()).isEqualTo("my-app");
    JsonNode event = data.at("/events/0");
    assertThat(event.path("key").textValue())
        .isEqualTo("audit/my-app/202508/20250801-1000-promotion-f7a5a27.json");
    assertThat(event.path("timestamp").textValue()).isEqualTo("2025-08-01T10:00:00.123456789Z");
    assertThat(event.at("/details/environment").textValue()).isEqualTo("production");
    assertThat(event.path("ticket").intValue()).as("a field s3dock does not know").isEqualTo(7);
  }

  @Test
  void a_damaged_event_is_shown_with_its_key_and_does_not_hide_the_others() throws IOException {
    promotion("2025-08-01T10:00:00Z", "production", "alice", "");
    promotion("2025-08-03T10:00:00Z", "production", "alice", "");
    String bad = "audit/my-app/202508/20250802-0900-promotion-abcdef0.json";
    put(bad, "{\"event_type\": \"prom");
    put("audit/my-app/202508/20250802-0901-tag-abcdef0.json", "{\"event_type\": \"tag\"}");
    put("audit/my-app/202508/20250802-0902-tag-abcdef0.json", "x".repeat(2 << 20));
    User.Result result = user.s3dock("audit", "my-app");
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).startsWith("2025-08-01T10:00:00Z\talice"),
            damaged ->
                assertThat(damaged)
                    .startsWith("2025-08-02T09:00:00Z\t-\t-\tpromotion\t(damaged) " + bad),
            damaged -> assertThat(damaged).contains("timestamp"),
            damaged -> assertThat(damaged).contains("0902-tag-abcdef0.json"),
            last -> assertThat(last).startsWith("2025-08-03T10:00:00Z\talice"));
    assertThat(result.err()).contains("3 of the events");
    JsonNode json = user.s3dock("audit", "my-app", "--json").json();
    assertThat(json.path("success").booleanValue()).isFalse();
    assertThat(json.at("/data/events")).hasSize(5);
    assertThat(json.at("/data/events/1/key").textValue()).isEqualTo(bad);
    assertThat(json.at("/data/events/1/damaged").textValue()).contains("not JSON");
  }

  @Test
  void foreign_text_cannot_steer_the_terminal() throws IOException {
    promotion("2025-08-01T10:00:00Z", "production\\u001b[31m", "al\\u001b[2Jice\\n\\t", "");
    assertThat(user.onTerminal().s3dock("audit", "my-app").ok().out())
        .contains("al?[2Jice??")
        .doesNotContain("\u001b", "\t");
    assertThat(user.s3dock("audit", "my-app", "--json").ok().out()).doesNotContain("\u001b");
  }

  @Test
  void an_app_without_events_has_an_empty_list_and_one_that_is_not_there_is_an_error()
      throws IOException {
    put("pointers/my-app/production.json", "{}");
    assertThat(user.s3dock("audit", "my-app").ok().out()).isEmpty();
    assertThat(user.s3dock("audit", "my-app", "--json").ok().json().at("/data/events")).isEmpty();
    User.Result unknown = user.s3dock("audit", "my-ap");
    assertThat(unknown.exitCode()).isEqualTo(3);
    assertThat(unknown.err()).contains("did you mean my-app?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--since yesterday | --since must be how long ago",
        "--until 2025-02-30 | --until must be how long ago",
        "--since 2025-08-02 --until 2025-08-01 | must be before",
        "--event promote | push, tag, promotion",
        "--env pro/duction | malformed environment",
        "--limit 0 | --limit must be from 1 to 1000",
        "--limit 1001 | --limit must be from 1 to 1000",
        "--follow --until 2025-08-01 | --follow",
        "--follow --interval 0 | --interval"
      })
  void a_mistake_is_told_with_its_remedy(String options, String hint) {
    User.Result result = user.s3dock(("audit my-app " + options).split(" "));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(hint);
  }

  @Test
  void following_shows_each_new_event_once_until_it_is_interrupted() throws Exception {
    Instant now = Clock.systemUTC().instant();
    promotion(now.minusSeconds(60).toString(), "staging", "first", "");
    Path output = folder.resolve("output");
    Process process =
        user.start(
            48, output, "audit", "my-app", "--follow", "--interval", "1", "--env", "staging");
    try {
      awaitEvent(output, "first");
      promotion(now.toString(), "staging", "second", "");
      promotion(now.toString(), "production", "other", "-2");
      awaitEvent(output, "second");
      promotion(now.toString(), "staging", "third", "-3");
      awaitEvent(output, "third");
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(text(output).lines().map(line -> line.split("\t", -1)[1]))
        .containsExactly("first", "second", "third");
  }

  @Test
  void following_with_json_is_one_line_for_each_event_and_no_more() throws Exception {
    Instant now = Clock.systemUTC().instant();
    promotion(now.minusSeconds(60).toString(), "staging", "first", "");
    Path output = folder.resolve("output");
    Process process =
        user.start(48, output, "audit", "my-app", "--follow", "--interval", "1", "--json");
    try {
      awaitEvent(output, "first");
      promotion(now.toString(), "staging", "second", "-2");
      awaitEvent(output, "second");
      promotion(now.toString(), "production", "third", "-3");
      awaitEvent(output, "third");
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    ObjectMapper mapper = new ObjectMapper();
    List<String> users = new ArrayList<>();
    for (String line : text(output).lines().toList()) {
      JsonNode event = mapper.readTree(line);
      assertThat(event.path("key").textValue()).startsWith("audit/my-app/");
      users.add(event.path("user").textValue());
    }
    assertThat(users).containsExactly("first", "second", "third");
  }

  @Test
  void an_interruption_while_it_looks_is_no_failure() throws Exception {
    promotion(Clock.systemUTC().instant().toString(), "staging", "first", "");
    S3Server server = S3Servers.s3Mock();
    String bucket = S3Servers.newBucket(server);
    fill(server, bucket);
    AtomicBoolean shown = new AtomicBoolean();
    CountDownLatch looking = new CountDownLatch(1);
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(
          Integer.MAX_VALUE,
          request -> {
            if (shown.get()) {
              looking.countDown();
            }
            return shown.get();
          },
          new FaultProxy.Fault.Delay(Duration.ofSeconds(3)));
      user.with("S3DOCK_BUCKET", bucket)
          .with("AWS_ENDPOINT_URL", proxy.endpoint().toString())
          .with("AWS_REGION", server.region())
          .with("AWS_ACCESS_KEY_ID", server.accessKey())
          .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
      Path output = folder.resolve("output");
      Process process =
          user.start(96, output, "audit", "my-app", "--follow", "--interval", "1", "--json");
      awaitEvent(output, "first");
      shown.set(true);
      assertThat(looking.await(2, TimeUnit.MINUTES)).isTrue();
      process.destroy();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(text(output).lines()).as(text(output)).hasSize(1);
    }
  }

  private void fill(S3Server server, String bucket) throws IOException {
    try (S3Client client = S3Servers.client(server);
        Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        client.putObject(
            request -> request.bucket(bucket).key(store.relativize(file).toString()),
            RequestBody.fromFile(file));
      }
    }
  }

  @Test
  void following_with_json_that_fails_ends_with_a_line_that_says_so() {
    User.Result result = user.s3dock("audit", "my-app", "--follow", "--json");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.out().lines()).hasSize(1);
    assertThat(result.json().path("success").booleanValue()).isFalse();
    assertThat(result.json().path("error").textValue()).contains("no app my-app");
  }

  private static void awaitEvent(Path output, String by) {
    Eventually.holds("the event by " + by, () -> text(output).contains(by));
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
