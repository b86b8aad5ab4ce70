package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryCommandTest {
  private static final Path SAMPLES = Path.of("src/test/resources/original-bucket");
  private static final String A = "20250720-1045-aaaaaaa";
  private static final String B = "20250721-2118-bbbbbbb";
  private static final String C = "20250722-0900-ccccccc";

  @TempDir Path folder;
  private User user;
  private Path store;
  private int events;

  @BeforeEach
  void open() throws IOException {
    store = Files.createDirectories(folder.resolve("store"));
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
  }

  private void put(String key, String text) throws IOException {
    Path file = store.resolve(key);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  private static String archive(String tag) {
    return "images/my-app/202507/my-app-%s.tar.gz".formatted(tag);
  }

  private void event(String time, String type, String user, String image, String details)
      throws IOException {
    events++;
    put(
        "audit/my-app/202508/20250801-%s-%s-%s-%d.json"
            .formatted(
                time.substring(0, 5).replace(":", ""), type, image.substring(14), 1 + events),
        """
        {"event_type": "%s", "timestamp": "2025-08-01T%sZ", "user": "%s", "app_name": "my-app",
         "git_hash": "%s", "git_time": "%s", "host": "web-1", "details": {%s}}
        """
            .formatted(type, time, user, image.substring(14), image.substring(0, 13), details));
  }

  /** An image goes to production; {@code before} is the key of what was there, or nothing. */
  private void promotion(String time, String user, String image, String before) throws IOException {
    event(
        time,
        "promotion",
        user,
        image,
        "\"environment\": \"production\", \"source\": \"my-app:%s\", \"source_type\": \"image\"%s"
            .formatted(
                image, before.isEmpty() ? "" : ", \"previous_target\": \"%s\"".formatted(before)));
  }

  private void versionPromotion(
      String time, String user, String version, String image, String before) throws IOException {
    event(
        time,
        "promotion",
        user,
        image,
        "\"environment\": \"production\", \"source\": \"my-app:%s\", \"source_type\": \"tag\"%s"
            .formatted(
                version,
                before.isEmpty() ? "" : ", \"previous_target\": \"%s\"".formatted(before)));
  }

  private void tag(String time, String user, String version, String image, String details)
      throws IOException {
    event(
        time,
        "tag",
        user,
        image,
        "\"version\": \"%s\", \"image_reference\": \"my-app:%s\"%s"
            .formatted(version, image, details));
  }

  private void pointer(String key, String type, String target, String time, String by)
      throws IOException {
    put(
        key,
        """
        {"target_type": "%s", "target_path": "%s", "promoted_at": "2025-08-01T%sZ",
         "promoted_by": "%s"}
        """
            .formatted(type, target, time, by));
  }

  private void production(String image, String time, String by) throws IOException {
    pointer("pointers/my-app/production.json", "image", archive(image), time, by);
  }

  private List<String> history() {
    return user.s3dock("history", "my-app", "production")
        .ok()
        .out()
        .lines()
        .map(line -> line.replace("2025-08-01T", "").replace("my-app:", ""))
        .toList();
  }

  @Test
  void what_commands_did_is_told_with_times_people_and_versions() {
    String first = "my-app:" + A;
    String second = "my-app:" + B;
    for (String reference : List.of(first, second)) {
      Path tar =
          TestImages.dockerSave(
              folder.resolve("image.tar"), ImageSpec.small().withFile("x", reference), reference);
      user.s3dock("push", reference, "--from", tar.toString()).ok();
    }
    user.s3dock("promote", first, "production").ok();
    user.s3dock("promote", second, "staging", "--create").ok();
    user.s3dock("promote", first, "production").ok();
    user.s3dock("tag", second, "v2").ok();
    user.with("USER", "bob").s3dock("promote", "my-app", "v2", "production").ok();
    JsonNode data = user.s3dock("history", "my-app", "production", "--json").ok().json();
    JsonNode periods = data.at("/data/periods");
    assertThat(periods).hasSize(2);
    assertThat(periods.at("/0/image_ref").textValue()).isEqualTo(first);
    assertThat(periods.at("/0/version").isNull()).isTrue();
    assertThat(periods.at("/0/by").textValue()).isEqualTo("tester");
    assertThat(periods.at("/0/present").booleanValue()).isFalse();
    assertThat(periods.at("/0/to")).isEqualTo(periods.at("/1/from"));
    assertThat(periods.at("/1/image_ref").textValue()).isEqualTo(second);
    assertThat(periods.at("/1/version").textValue()).isEqualTo("v2");
    assertThat(periods.at("/1/by").textValue()).isEqualTo("bob");
    assertThat(periods.at("/1/to").isNull()).isTrue();
    assertThat(periods.at("/1/present").booleanValue()).isTrue();
  }

  @Test
  void a_bucket_of_the_original_tells_what_was_before_its_first_event() throws IOException {
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        put(SAMPLES.relativize(file).toString(), Files.readString(file));
      }
    }
    assertThat(user.s3dock("history", "my-app", "production").ok().out())
        .isEqualTo(
            """
            ?	2025-08-02T07:30:12Z	my-app:20250720-1045-def5678	-	?	-
            2025-08-02T07:30:12Z	now	my-app:20250731-2350-f7a5a27	v1.2.0	deployer	-
            """);
    assertThat(user.s3dock("history", "my-app", "staging").ok().out())
        .as("no event at all, only the pointer")
        .isEqualTo("2025-07-20T11:00:00Z\tnow\tmy-app:20250720-1045-def5678\t-\tunknown\t-\n");
  }

  @Test
  void a_move_without_an_event_is_a_gap_with_unknown_ends() throws IOException {
    promotion("10:00:00", "alice", A, "");
    promotion("12:00:00", "bob", C, archive(B));
    production(C, "12:00:00", "bob");
    assertThat(history())
        .containsExactly(
            "10:00:00Z\t?\t" + A + "\t-\talice\t-",
            "?\t12:00:00Z\t" + B + "\t-\t?\t-",
            "12:00:00Z\tnow\t" + C + "\t-\tbob\t-");
  }

  @Test
  void a_pointer_that_was_moved_after_its_last_event_tells_who_and_when() throws IOException {
    promotion("10:00:00", "alice", A, "");
    production(B, "11:00:00", "carol");
    assertThat(history())
        .containsExactly(
            "10:00:00Z\t?\t" + A + "\t-\talice\t-", "11:00:00Z\tnow\t" + B + "\t-\tcarol\t-");
  }

  @Test
  void a_pointer_that_went_away_and_came_back_without_events_is_not_taken_for_unmoved()
      throws IOException {
    promotion("10:00:00", "alice", A, "");
    production(A, "11:00:00", "carol");
    assertThat(history())
        .containsExactly(
            "10:00:00Z\t?\t" + A + "\t-\talice\t-", "11:00:00Z\tnow\t" + A + "\t-\tcarol\t-");
  }

  @Test
  void an_environment_whose_pointer_was_taken_back_is_at_nothing_now() throws IOException {
    promotion("10:00:00", "alice", A, "");
    put("pointers/my-app/production.json", "{\"tombstone\": \"taken back\"}");
    assertThat(history()).containsExactly("10:00:00Z\t?\t" + A + "\t-\talice\t-");
  }

  @Test
  void a_version_that_is_moved_takes_the_environment_along() throws IOException {
    tag("09:00:00", "ci", "v1", A, "");
    versionPromotion("10:00:00", "alice", "v1", A, "");
    tag("11:00:00", "bob", "v1", B, ", \"previous_target\": \"%s\"".formatted(archive(A)));
    tag("11:30:00", "bob", "v2", C, "");
    pointer("tags/my-app/v1.json", "image", archive(B), "11:00:00", "bob");
    pointer("pointers/my-app/production.json", "tag", "tags/my-app/v1.json", "10:00:00", "alice");
    assertThat(history())
        .containsExactly(
            "10:00:00Z\t11:00:00Z\t" + A + "\tv1\talice\t-",
            "11:00:00Z\tnow\t" + B + "\tv1\tbob\t-");
    pointer("tags/my-app/v1.json", "image", archive(C), "12:00:00", "carol");
    assertThat(history().subList(1, 3))
        .as("moved once more, without an event")
        .containsExactly("11:00:00Z\t?\t" + B + "\tv1\tbob\t-", "?\tnow\t" + C + "\tv1\t?\t-");
    Files.delete(store.resolve("tags/my-app/v1.json"));
    assertThat(history()).last().isEqualTo("?\tnow\t?\tv1\t?\t-");
  }

  @Test
  void a_former_version_shows_the_image_that_it_had() throws IOException {
    tag("09:00:00", "ci", "v1", A, "");
    versionPromotion("10:00:00", "alice", "v2", B, "tags/my-app/v1.json");
    versionPromotion("11:00:00", "alice", "v1", A, "tags/my-app/v2.json");
    versionPromotion("12:00:00", "alice", "v4", C, "tags/my-app/v3.json");
    assertThat(history())
        .containsExactly(
            "?\t10:00:00Z\t" + A + "\tv1\t?\t-",
            "10:00:00Z\t11:00:00Z\t" + B + "\tv2\talice\t-",
            "11:00:00Z\t?\t" + A + "\tv1\talice\t-",
            "?\t12:00:00Z\t?\tv3\t?\t-",
            "12:00:00Z\t?\t" + C + "\tv4\talice\t-");
  }

  @Test
  void hosts_are_those_on_which_it_went_live() throws IOException {
    promotion("10:00:00", "alice", A, "");
    event(
        "10:05:00",
        "deployment",
        "root",
        A,
        "\"environment\": \"production\", \"running\": \"my-app:%s\"".formatted(A));
    promotion("11:00:00", "alice", B, archive(A));
    event(
        "11:05:00",
        "rollback",
        "root",
        B,
        "\"environment\": \"production\", \"running\": \"my-app:%s\"".formatted(A));
    production(B, "11:00:00", "alice");
    assertThat(history())
        .containsExactly(
            "10:00:00Z\t11:00:00Z\t" + A + "\t-\talice\tweb-1",
            "11:00:00Z\tnow\t" + B + "\t-\talice\t-");
  }

  @Test
  void damage_is_told_after_what_is_known() throws IOException {
    promotion("10:00:00", "alice\\u001b[31m", A, "");
    production(A, "10:00:00", "alice");
    put("audit/my-app/202508/20250801-1100-promotion-abcdef0.json", "{");
    User.Result result = user.onTerminal().s3dock("history", "my-app", "production");
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.out()).contains("FROM", A, "alice?[31m").doesNotContain("\u001b");
    assertThat(result.err()).contains("1 of the events", "s3dock audit my-app");
  }

  @Test
  void an_environment_that_never_was_is_an_error_with_near_misses() throws IOException {
    production(A, "10:00:00", "alice");
    User.Result result = user.s3dock("history", "my-app", "producton");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("did you mean production?");
  }

  @Test
  void hosts_are_a_list_in_json() throws IOException {
    promotion("09:00:00", "anna", A, "");
    production(A, "09:00:00", "anna");
    JsonNode periods =
        user.s3dock("history", "my-app", "production", "--json").ok().json().at("/data/periods");
    assertThat(periods.path(0).path("hosts").isArray()).as(periods.toString()).isTrue();
  }
}
