package dev.s3dock.engine.docker;

import static dev.s3dock.engine.docker.DockerEngineContract.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.engine.Container;
import dev.s3dock.engine.Container.Health;
import dev.s3dock.engine.Container.State;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Publication;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the port Containers promises, on one real engine; the classes inside say on which. */
@Tag("engine")
abstract class ContainersContract {
  private static final String BOX = "box:1";
  private static final String TEST = "dev.s3dock.test";
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PATIENT = Duration.ofMinutes(2);
  private static final String SECRET = "s3cr3t-value";

  @TempDir Path temp;
  private Containers containers;
  private String imageId;

  abstract TestEngine engine();

  @BeforeEach
  void anImageWithAShell() {
    containers = engine().engine().containers();
    imageId = BoxImage.build(engine(), temp, BOX, "");
  }

  @AfterEach
  void removeAll() {
    containers.list(Map.of(TEST, "1")).forEach(container -> containers.remove(container.id()));
  }

  @Test
  void what_is_created_does_not_run_yet_and_is_described() {
    Instant before = Instant.now();
    String id =
        containers.create(
            box("described").label("a", "1 = \"one\"").env("TOKEN", SECRET).publish(9, 80).build());
    Container container = containers.inspect(id).orElseThrow();
    assertThat(container.id()).isEqualTo(id);
    assertThat(container.name()).isEqualTo("described");
    assertThat(container.image()).isEqualTo(BOX);
    assertThat(container.imageId()).isEqualTo(imageId);
    assertThat(container.labels()).containsEntry("a", "1 = \"one\"");
    assertThat(container.state()).isEqualTo(State.CREATED);
    assertThat(container.isRunning()).isFalse();
    assertThat(container.created()).isBetween(before.minusSeconds(2), Instant.now().plusSeconds(2));
    assertThat(container.started()).isEmpty();
    assertThat(container.finished()).isEmpty();
    assertThat(container.exitCode()).isZero();
    assertThat(container.health()).isEqualTo(Health.NONE);
    assertThat(container.addresses()).isEmpty();
    assertThat(container.published()).containsExactly(new Publication("127.0.0.1", 9, 80));
    assertThat(containers.inspect("described")).contains(container);
  }

  @Test
  void what_is_started_runs_at_an_address_and_starting_it_again_is_no_error() {
    String id = containers.create(box("started").publish(9, 80).build());
    containers.start(id);
    Container container = containers.inspect(id).orElseThrow();
    assertThat(container.state()).isEqualTo(State.RUNNING);
    assertThat(container.started()).isPresent();
    assertThat(container.finished()).isEmpty();
    assertThat(container.addresses()).containsOnlyKeys("bridge");
    assertThat(container.addresses().get("bridge")).matches("\\d+(\\.\\d+){3}");
    assertThat(container.published()).containsExactly(new Publication("127.0.0.1", 9, 80));
    containers.start(id);
    assertThat(containers.inspect(id)).contains(container);
  }

  @Test
  void an_absent_container_is_empty_or_not_found_and_needs_no_stop_or_removal() {
    assertThat(containers.inspect("absent")).isEmpty();
    assertThat(containers.logs("absent", 10)).isEmpty();
    containers.stop("absent", SECOND);
    containers.remove("absent");
    fails(() -> containers.start("absent"), Kind.NOT_FOUND, "no container absent");
    fails(
        () -> containers.exec("absent", List.of("true"), PATIENT),
        Kind.NOT_FOUND,
        "no container absent");
  }

  @Test
  void a_missing_image_is_not_found() {
    ContainerSpec spec = new SpecBuilder("imageless", "no-such-image:1").build();
    fails(() -> containers.create(spec), Kind.NOT_FOUND, "no image no-such-image:1");
    assertThat(containers.inspect("imageless")).isEmpty();
  }

  @Test
  void a_name_that_is_taken_is_told_with_the_remedy() {
    containers.create(box("taken").build());
    fails(() -> containers.create(box("taken").build()), Kind.FAILED, "`docker rm -f taken`");
  }

  @Test
  void a_container_is_renamed_while_it_runs_unless_another_has_the_name() {
    String id = run(box("former"));
    containers.rename(id, "latter");
    assertThat(containers.inspect("latter").orElseThrow().id()).isEqualTo(id);
    assertThat(containers.inspect(id).orElseThrow().isRunning()).isTrue();
    assertThat(containers.inspect("former")).isEmpty();
    String other = containers.create(box("former").build());
    fails(
        () -> containers.rename(other, "latter"),
        Kind.FAILED,
        "cannot rename the container former to latter");
    fails(() -> containers.rename("absent", "name"), Kind.NOT_FOUND, "no container absent");
  }

  @Test
  void a_port_that_is_taken_is_told_and_the_container_starts_when_it_is_free() {
    String first = run(box("first").publish(7777, 80));
    String second = containers.create(box("second").publish(7777, 80).restart("always").build());
    fails(() -> containers.start(second), Kind.FAILED, "second: 127.0.0.1:7777 is in use");
    assertThat(containers.inspect(second).orElseThrow().isRunning()).isFalse();
    assertThat(policy(second)).isEqualTo("no"); // the engine does not try again by itself
    containers.stop(first, Duration.ZERO);
    containers.start(second);
    assertThat(containers.inspect(second).orElseThrow().isRunning()).isTrue();
    assertThat(policy(second)).isEqualTo("always");
  }

  @Test
  void a_program_that_cannot_be_started_is_told_with_image_and_reason() {
    String id = containers.create(box("programless").args("/no/such/program").build());
    fails(() -> containers.start(id), Kind.FAILED, "cannot start the container programless");
    fails(() -> containers.start(id), Kind.FAILED, "\"/no/such/program\"");
    fails(() -> containers.start(id), Kind.FAILED, BOX);
    Container container = containers.inspect(id).orElseThrow();
    assertThat(container.isRunning()).isFalse();
    assertThat(container.exitCode()).isEqualTo(127);
    fails(
        () -> run(box("userless").tap(it -> it.user = Optional.of("nobody-here"))),
        Kind.FAILED,
        "nobody-here");
  }

  @Test
  void an_exit_code_is_kept() {
    String id = run(box("exits").script("exit 3"));
    Container container = awaitState(id, State.EXITED);
    assertThat(container.exitCode()).isEqualTo(3);
    assertThat(container.outOfMemory()).isFalse();
    assertThat(container.restarts()).isZero();
    assertThat(container.finished()).isPresent();
    containers.start(id);
    assertThat(awaitState(id, State.EXITED).exitCode()).isEqualTo(3);
  }

  @Test
  void a_program_that_takes_more_memory_than_it_may_is_told() {
    String id =
        run(
            box("hungry")
                .script("tail /dev/zero")
                .tap(it -> it.memory = OptionalLong.of(16 << 20)));
    // the engine hears of the exit and of its reason in two events, in either order
    Container container = await(id, it -> it.state() == State.EXITED && it.outOfMemory());
    assertThat(container.exitCode()).isEqualTo(137);
  }

  @Test
  void restarts_are_counted() {
    String id = run(box("fails").script("exit 4").restart("on-failure:2"));
    Container container = await(id, it -> it.state() == State.EXITED && it.restarts() == 2);
    assertThat(container.exitCode()).isEqualTo(4);
    String always = run(box("loops").script("exit 0").restart("always"));
    await(always, it -> it.restarts() >= 2);
    containers.stop(always, SECOND); // also while it waits for its next start
    assertThat(containers.inspect(always).orElseThrow().state()).isEqualTo(State.EXITED);
  }

  @Test
  void an_unknown_restart_policy_is_refused_before_anything_is_made() {
    ContainerSpec spec = box("restarts").restart("sometimes").build();
    fails(() -> containers.create(spec), Kind.FAILED, "'sometimes'");
    assertThat(containers.inspect("restarts")).isEmpty();
  }

  @Test
  void health_goes_from_starting_to_healthy_to_unhealthy() {
    String image = "box-with-health:1";
    BoxImage.build(
        engine(),
        temp,
        image,
        "HEALTHCHECK --interval=1s --timeout=5s --retries=2 CMD [\"test\", \"-f\", \"/healthy\"]\n");
    String id = run(box("healthy", image));
    assertThat(containers.inspect(id).orElseThrow().health()).isEqualTo(Health.STARTING);
    assertThat(exec(id, "touch", "/healthy").code()).isZero();
    await(id, it -> it.health() == Health.HEALTHY);
    assertThat(exec(id, "rm", "/healthy").code()).isZero();
    assertThat(await(id, it -> it.health() == Health.UNHEALTHY).isRunning()).isTrue();
  }

  @Test
  void a_command_inside_has_an_exit_code_and_its_output() {
    String id = run(box("commanded"));
    Containers.Exit exit = exec(id, "sh", "-c", "echo out; sleep 0.5; echo err >&2; exit 5");
    assertThat(exit).isEqualTo(new Containers.Exit(5, "out\nerr\n"));
    assertThat(exec(id, "true")).isEqualTo(new Containers.Exit(0, ""));
    Containers.Exit missing = exec(id, "no-such-command");
    assertThat(missing.code()).isBetween(126, 127);
    assertThat(missing.output()).contains("no-such-command");
  }

  @Test
  void the_end_of_a_command_is_awaited_although_its_output_has_ended() {
    String id = run(box("quiet"));
    assertThat(exec(id, "sh", "-c", "exec >&- 2>&-; sleep 1; exit 6").code()).isEqualTo(6);
  }

  @Test
  void of_a_long_output_the_first_four_kib_are_kept() {
    String id = run(box("talks"));
    Containers.Exit exit = exec(id, "sh", "-c", "yes | head -c 3000000; exit 7");
    assertThat(exit).isEqualTo(new Containers.Exit(7, "y\n".repeat(2048)));
  }

  @Test
  void a_command_that_does_not_end_is_given_up_after_its_timeout() {
    String id = run(box("waits"));
    assertThat(containers.exec(id, List.of("sleep", "600"), SECOND)).isEmpty();
    assertThat(exec(id, "pidof", "sleep").code()).as("it has not ended by itself").isZero();
  }

  @Test
  void a_command_in_a_container_that_does_not_run_fails() {
    String id = containers.create(box("still").build());
    fails(() -> exec(id, "true"), Kind.FAILED, "container still: it is not running");
  }

  @Test
  void both_streams_are_logged_in_the_order_they_came() {
    String id =
        run(
            box("logs")
                .script(
                    "echo one; sleep 0.5; echo two >&2; sleep 0.5; printf 'thr\\303\\251e\\nfo\\033ur'"));
    awaitState(id, State.EXITED);
    assertThat(containers.logs(id, 10)).containsExactly("one", "two", "thrée", "fo\033ur");
    assertThat(containers.logs(id, 2)).containsExactly("thrée", "fo\033ur");
    assertThat(containers.logs("logs", 0)).isEmpty();
  }

  @Test
  void of_a_long_log_the_last_lines_are_kept_within_bounds() {
    String id =
        run(
            box("long-log")
                .script(
                    "yes | tr -d '\\n' | head -c 100000; echo; for i in $(seq 30); do yes | tr '\\n' $((i % 10)) | head -c 100000; echo; done; echo last"));
    awaitState(id, State.EXITED);
    List<String> lines = containers.logs(id, 100_000);
    assertThat(lines).last().isEqualTo("last");
    assertThat(lines).hasSize(11).first().asString().hasSize(100_000).startsWith("y1y1");
  }

  @Test
  void a_terminals_log_is_read_as_it_is() {
    String id =
        engine().docker("run", "-dt", "--label", TEST + "=1", BOX, "echo", "from a terminal");
    awaitState(id, State.EXITED);
    assertThat(containers.logs(id, 10)).containsExactly("from a terminal\r");
  }

  @Test
  void a_log_that_is_not_kept_is_empty() {
    String id = run(box("silent").script("echo x").tap(it -> it.logDriver = Optional.of("none")));
    awaitState(id, State.EXITED);
    assertThat(containers.logs(id, 10)).isEmpty();
  }

  @Test
  void the_stop_signal_is_heard_within_the_grace() {
    String id =
        run(
            box("polite")
                .script("trap 'exit 7' USR1; echo ready; while :; do sleep 0.1; done")
                .stopSignal("SIGUSR1"));
    Eventually.holds("the trap is set", () -> containers.logs(id, 1).contains("ready"));
    containers.stop(id, PATIENT);
    Container container = containers.inspect(id).orElseThrow();
    assertThat(container.state()).isEqualTo(State.EXITED);
    assertThat(container.exitCode()).isEqualTo(7);
    containers.stop(id, PATIENT);
  }

  @Test
  void what_does_not_hear_the_stop_signal_is_killed_after_the_grace() {
    String id =
        run(
            box("stubborn")
                .script("trap 'echo heard' TERM; while :; do echo goes on; sleep 0.1; done"));
    Eventually.holds("the trap is set", () -> containers.logs(id, 1).contains("goes on"));
    containers.stop(id, Duration.ofMillis(1500)); // the engine counts whole seconds: 2
    assertThat(containers.logs(id, 1000)).containsSubsequence("heard", "goes on");
    assertThat(containers.inspect(id).orElseThrow().exitCode()).isEqualTo(137);
  }

  @Test
  void a_stop_may_take_longer_than_a_call() {
    try (DockerEngine impatient =
        DockerEngine.connect(engine().environment(), Duration.ofSeconds(3))) {
      String id =
          run(box("slow").script("trap 'sleep 5; exit 8' TERM; while :; do sleep 0.1; done"));
      Eventually.holds("the shell runs", () -> exec(id, "true").code() == 0);
      impatient.containers().stop(id, PATIENT);
      assertThat(containers.inspect(id).orElseThrow().isRunning()).isFalse();
    }
  }

  @Test
  void what_has_been_stopped_is_not_started_again_by_the_engine_but_by_start() {
    for (String policy : List.of("always", "unless-stopped", "on-failure")) {
      String id = run(box("stopped-" + policy).restart(policy));
      assertThat(policy(id)).isEqualTo(policy);
      containers.stop(id, Duration.ZERO);
      Container container = containers.inspect(id).orElseThrow();
      assertThat(container.state()).isEqualTo(State.EXITED);
      assertThat(container.restarts()).isZero();
      assertThat(policy(id)).isEqualTo("no"); // or the engine starts some of them when it starts
      containers.start(id);
      assertThat(containers.inspect(id).orElseThrow().isRunning()).isTrue();
      assertThat(policy(id)).isEqualTo(policy);
    }
  }

  @Test
  void a_container_of_somebody_else_keeps_its_restart_policy() {
    String id =
        engine().docker("run", "-d", "--label", TEST + "=1", "--restart", "unless-stopped", BOX);
    containers.stop(id, Duration.ZERO);
    assertThat(policy(id)).isEqualTo("unless-stopped");
  }

  @Test
  void a_container_that_runs_is_removed_with_its_anonymous_volumes() {
    String image = "box-with-volume:1";
    BoxImage.build(engine(), temp, image, "VOLUME /data\n");
    String before = engine().docker("volume", "ls", "-q");
    String id = run(box("removed", image));
    assertThat(engine().docker("volume", "ls", "-q")).isNotEqualTo(before);
    containers.remove(id);
    assertThat(containers.inspect(id)).isEmpty();
    assertThat(engine().docker("volume", "ls", "-q")).isEqualTo(before);
    containers.remove(id);
  }

  @Test
  void containers_are_listed_by_all_of_their_labels_the_newest_first() {
    String first = containers.create(box("first").label("app", "a").label("env", "x=y").build());
    String second = run(box("second").label("app", "a").label("env", "x=y"));
    containers.create(box("third").label("app", "a").label("env", "x").build());
    containers.create(box("fourth").label("env", "x=y").build());
    assertThat(containers.list(Map.of("app", "a", "env", "x=y")))
        .containsExactly(
            containers.inspect(second).orElseThrow(), containers.inspect(first).orElseThrow());
    assertThat(containers.list(Map.of("app", "b"))).isEmpty();
  }

  @Test
  void limits_and_rights_of_the_specification_are_in_force() {
    String id =
        run(
            box("limited")
                .env("GREETING", "hello you")
                .tap(it -> it.memory = OptionalLong.of(64 << 20))
                .tap(it -> it.cpus = OptionalDouble.of(0.5))
                .tap(it -> it.user = Optional.of("1000:1001"))
                .tap(it -> it.readOnly = true)
                .tap(it -> it.capDrop = List.of("ALL"))
                .tap(it -> it.volumes = List.of("data-of-test:/data:ro"))
                .tap(it -> it.logOptions = Map.of("max-size", "1m")));
    assertThat(exec(id, "sh", "-c", "echo $GREETING; id -u; id -g").output())
        .isEqualTo("hello you\n1000\n1001\n");
    assertThat(exec(id, "touch", "/file").output()).contains("Read-only");
    assertThat(exec(id, "touch", "/data/file").output()).contains("Read-only");
    assertThat(exec(id, "grep", "CapBnd", "/proc/self/status").output())
        .contains("0000000000000000");
    assertThat(
            engine()
                .docker(
                    "inspect",
                    id,
                    "-f",
                    "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{json .HostConfig.LogConfig.Config}}"))
        .isEqualTo("67108864 500000000 {\"max-size\":\"1m\"}");
    containers.remove(id);
    engine().docker("volume", "rm", "data-of-test");
  }

  @Test
  void a_container_is_in_all_of_its_networks_and_a_missing_one_is_named() {
    engine().docker("network", "create", "one-of-test");
    engine().docker("network", "create", "two-of-test");
    try {
      String id =
          run(box("networked").tap(it -> it.networks = List.of("one-of-test", "two-of-test")));
      assertThat(containers.inspect(id).orElseThrow().addresses())
          .containsOnlyKeys("one-of-test", "two-of-test");
      fails(
          () -> run(box("lost").tap(it -> it.networks = List.of("one-of-test", "no-network"))),
          Kind.FAILED,
          "`docker network create no-network`");
      assertThat(containers.inspect("lost")).isEmpty();
      containers.remove(id);
    } finally {
      engine().docker("network", "rm", "one-of-test", "two-of-test");
    }
  }

  @Test
  void values_of_variables_are_in_no_message_and_no_text() {
    SpecBuilder quoted = // the engine quotes the volume that it dislikes
        box("quoted").env("TOKEN", SECRET).tap(it -> it.volumes = List.of("a/" + SECRET + ":/x"));
    assertThatThrownBy(() -> containers.create(quoted.build()))
        .hasMessageContaining("create a/***")
        .satisfies(e -> assertThat(e.toString()).doesNotContain(SECRET));
    for (SpecBuilder bad :
        List.of(
            box("bad").env("", SECRET),
            box("bad").env("A=B", SECRET),
            box("bad").env("A", SECRET + "\0"))) {
      assertThatThrownBy(() -> containers.create(bad.build()))
          .hasMessageContaining("cannot create the container bad")
          .satisfies(e -> assertThat(e.toString()).doesNotContain(SECRET));
    }
    String id = containers.create(box("kept").env("TOKEN", SECRET).args("/nothing").build());
    assertThatThrownBy(() -> containers.start(id))
        .satisfies(e -> assertThat(e.toString()).doesNotContain(SECRET));
    assertThat(containers.inspect(id).orElseThrow().toString()).doesNotContain(SECRET);
    assertThat(box("kept").env("TOKEN", SECRET).build().toString()).doesNotContain(SECRET);
  }

  private static SpecBuilder box(String name) {
    return box(name, BOX);
  }

  private static SpecBuilder box(String name, String image) {
    return new SpecBuilder(name, image).label(TEST, "1");
  }

  private String run(SpecBuilder spec) {
    String id = containers.create(spec.build());
    containers.start(id);
    return id;
  }

  private Containers.Exit exec(String id, String... command) {
    return containers.exec(id, List.of(command), PATIENT).orElseThrow();
  }

  private String policy(String id) {
    return engine().docker("inspect", id, "-f", "{{.HostConfig.RestartPolicy.Name}}");
  }

  private Container awaitState(String id, State state) {
    return await(id, container -> container.state() == state);
  }

  private Container await(String id, Predicate<Container> isSo) {
    return Eventually.value("a state of " + id, () -> containers.inspect(id).filter(isSo));
  }
}
