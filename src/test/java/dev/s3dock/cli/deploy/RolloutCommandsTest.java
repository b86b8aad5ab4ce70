package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.RolloutMarks;
import dev.s3dock.store.file.FileObjectStore;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts as they are typed, in a bucket that two hosts report to. */
class RolloutCommandsTest {
  private static final String V1 = "shop:20250720-1045-def5678";
  private static final String V2 = "shop:20250721-2118-f7a5a27";

  @TempDir Path folder;
  private User user;

  @BeforeEach
  void publish() {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    for (String reference : List.of(V1, V2)) {
      Path image =
          TestImages.dockerSave(
              folder.resolve("image.tar"),
              ImageSpec.empty().withFile("version", reference),
              reference);
      user.s3dock("push", reference, "--from", image.toString()).ok();
    }
    user.s3dock("promote", V1, "production").ok();
    report("web-1", "canary");
    report("web-2");
  }

  private void report(String host, String... labels) {
    try (FileObjectStore store = FileObjectStore.open(folder.resolve("store"))) {
      new Deployments(store, Clock.systemUTC(), new Actor("root", host, "s3dock test"))
          .say(
              new AppName("shop"),
              new Environment("production"),
              new AgentReport(
                  "1",
                  V1,
                  "",
                  V1,
                  "healthy",
                  "",
                  "",
                  Optional.empty(),
                  0,
                  "",
                  15,
                  List.of(labels)));
    }
  }

  private User.Result promote(String... more) {
    return user.s3dock(
        Stream.concat(Stream.of("promote", V2, "production"), Stream.of(more))
            .toArray(String[]::new));
  }

  private JsonNode rollout(String step) {
    return user.s3dock("rollout", step, "shop", "production", "--json").ok().json().path("data");
  }

  private String current() {
    return user.s3dock("current", "shop", "production").ok().line();
  }

  private List<String> steps() {
    JsonNode events =
        user.s3dock("audit", "shop", "--event", "rollout", "--json").ok().json().at("/data/events");
    return StreamSupport.stream(events.spliterator(), false)
        .map(event -> event.at("/step").asText(event.at("/details/step").asText()))
        .toList();
  }

  @Test
  void it_is_paused_resumed_approved_and_aborted() {
    promote("--canary", "label=canary", "--batch", "1", "--soak", "1s", "--approve").ok();
    JsonNode status = rollout("status");
    assertThat(status.at("/hosts/0/host").asText()).isEqualTo("web-1");
    assertThat(status.at("/hosts/0/canary").asText()).isEqualTo("yes");
    assertThat(status.at("/hosts/1/host").asText()).isEqualTo("web-2");
    assertThat(status.at("/hosts/1/state").asText()).isEqualTo("waiting");
    assertThat(status.path("at_once").asInt()).isEqualTo(1);

    for (String step : List.of("pause", "resume", "approve")) {
      assertThat(rollout(step).path("skipped").booleanValue()).as(step).isFalse();
      assertThat(rollout(step).path("skipped").booleanValue()).as(step + " again").isTrue();
    }
    assertThat(current()).isEqualTo(V2);

    rollout("abort");
    assertThat(current()).isEqualTo(V1);
    assertThat(user.s3dock("rollout", "status", "shop", "production").exitCode()).isEqualTo(3);
    assertThat(steps()).containsExactlyInAnyOrder("paused", "resumed", "approved", "aborted");
  }

  @Test
  void cleanup_names_the_marks_of_a_rollout_that_is_over_and_of_no_other() {
    promote("--batch", "1").ok();
    try (FileObjectStore store = FileObjectStore.open(folder.resolve("store"))) {
      AppName shop = new AppName("shop");
      Environment production = new Environment("production");
      Pointer pointer =
          store
              .get(BucketLayout.pointer(shop, production), Pointer.MAX_BYTES)
              .flatMap(Pointer::parse)
              .orElseThrow();
      RolloutMarks marks =
          new RolloutMarks(
              store,
              Clock.systemUTC(),
              new Actor("root", "web-1", "s3dock test"),
              shop,
              production);
      marks.begin("0123456789abcdef");
      marks.healthy("0123456789abcdef");
      marks.begin(pointer.rolloutTarget(Optional.empty()).orElseThrow());
    }
    assertThat(user.s3dock("cleanup", "shop", "--json").ok().json().at("/data/removals")).isEmpty();
    JsonNode removals =
        user.later(Duration.ofDays(2))
            .s3dock("cleanup", "shop", "--json")
            .ok()
            .json()
            .at("/data/removals");
    assertThat(removals).hasSize(1);
    assertThat(removals.at("/0/kind").asText()).isEqualTo("rollout");
    assertThat(removals.at("/0/name").asText())
        .isEqualTo("rollouts/shop/production/0123456789abcdef/");
    assertThat(removals.at("/0/result").asText()).isEqualTo("would go");
    assertThat(removals.at("/0/why").asText()).isEqualTo("2 marks of a rollout that is over");
  }

  @Test
  void without_a_canary_nothing_is_promoted() {
    User.Result result = promote("--canary", "label=nobody");
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.err()).contains("label=nobody", "agent.labels", "nothing was promoted");
    assertThat(current()).isEqualTo(V1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--batch 0",
        "--batch 0%",
        "--batch some",
        "--soak soon",
        "--max-failures 0",
        "--on-failure wait",
        "--deadline -1m",
        "--at-once --batch 1"
      })
  void an_option_that_makes_no_sense_is_named(String options) {
    User.Result result = promote(options.split(" "));
    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(options.split(" ")[0]);
    assertThat(current()).isEqualTo(V1);
  }

  @Test
  void the_configuration_makes_a_promotion_a_rollout_unless_it_is_to_be_at_once()
      throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{ rollout: { shop: { production: { canary: 'canary', batch: '50%' } } } }");
    promote().ok();
    assertThat(rollout("status").at("/hosts/0/canary").asText()).isEqualTo("yes");
    user.s3dock("promote", V1, "production", "--at-once").ok();
    assertThat(user.s3dock("rollout", "status", "shop", "production").exitCode()).isEqualTo(3);
  }

  /** An s3dock that does not know rollouts keeps the field when it promotes something else. */
  @Test
  void a_plan_is_of_one_promotion_and_not_of_the_next_one() throws IOException {
    promote("--canary", "label=canary").ok();
    Path pointer = folder.resolve("store/pointers/shop/production.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode document = (ObjectNode) json.readTree(pointer.toFile());
    assertThat(document.path("rollout").isObject()).isTrue();
    document.put("promoted_at", "2031-01-01T00:00:00Z");
    Files.writeString(pointer, document.toString());

    assertThat(user.s3dock("rollout", "status", "shop", "production").exitCode()).isEqualTo(3);
    assertThat(current()).isEqualTo(V2);
  }
}
