package dev.s3dock.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.agent.Decision.Deploy;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Standing;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.report.FailedTarget;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AgentStepTest {
  private static final ImageReference V1 = ImageReference.parse("shop:20250720-1045-def5678");
  private static final ImageReference V2 = ImageReference.parse("shop:20250721-2118-f7a5a27");
  private static final Wish.Wanted WANTED = new Wish.Wanted("e1", V2);
  private static final String SETTINGS = "s1";
  private static final String TARGET = AgentStep.target(WANTED, SETTINGS);
  private static final Duration NOW = Duration.ofHours(1);

  private static Standing.Live live(
      ImageReference image, boolean proven, boolean asConfigured, Optional<String> problem) {
    return new Standing.Live(image, "d1", "blue", proven, asConfigured, problem);
  }

  private static Standing.Live healthy(ImageReference image) {
    return live(image, true, true, Optional.empty());
  }

  static Stream<Arguments> looks() {
    Wish unreadable = new Wish.Unreadable("the store is away");
    Standing unknown = new Standing.Unknown("no engine");
    Memory none = Memory.NONE;
    Memory bad = none.looked(false).looked(false);
    Memory gaveUp = none.gaveUp(new FailedTarget(TARGET, V2.toString(), "not fit", "", ""));
    Memory paused = none.pauses(TARGET, NOW);
    Standing sick = live(V2, true, true, Optional.of("status 503"));
    return Stream.of(
        Arguments.of("all is well", WANTED, healthy(V2), none, new Rest(State.HEALTHY, "")),
        Arguments.of(
            "store away",
            unreadable,
            healthy(V1),
            none,
            new Rest(State.UNKNOWN, "the store is away")),
        Arguments.of(
            "nothing promoted",
            new Wish.Nothing(),
            healthy(V1),
            none,
            new Rest(State.UNKNOWN, "nothing was promoted to it")),
        Arguments.of("engine away", WANTED, unknown, none, new Rest(State.UNKNOWN, "no engine")),
        Arguments.of(
            "pointer moved", WANTED, healthy(V1), none, new Deploy(V1 + " is live, not " + V2)),
        Arguments.of(
            "nothing live", WANTED, new Standing.Down("nobody"), none, new Deploy("nobody")),
        Arguments.of(
            "interrupted",
            WANTED,
            live(V2, false, true, Optional.empty()),
            none,
            new Deploy("the deployment of " + V2 + " was interrupted")),
        Arguments.of(
            "settings changed",
            WANTED,
            live(V2, true, false, Optional.empty()),
            none,
            new Deploy("the settings have changed")),
        Arguments.of(
            "sick once", WANTED, sick, none.looked(false), new Rest(State.UNHEALTHY, "status 503")),
        Arguments.of("sick twice", WANTED, sick, bad, new Deploy("status 503")),
        Arguments.of("gave up", WANTED, healthy(V1), gaveUp, new Rest(State.FAILED, "not fit")),
        Arguments.of(
            "gave up another target",
            new Wish.Wanted("e2", V2),
            healthy(V1),
            gaveUp,
            new Deploy(V1 + " is live, not " + V2)),
        Arguments.of(
            "pause",
            WANTED,
            healthy(V1),
            paused,
            new Rest(State.BEHIND, V1 + " is live, not " + V2)),
        Arguments.of(
            "not recorded",
            WANTED,
            healthy(V2),
            none.recorded(false),
            new Deploy("its last deployment may not be recorded")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("looks")
  void a_look_leads_to_a_decision(
      String name, Wish wish, Standing standing, Memory memory, Decision expected) {
    assertThat(AgentStep.after(wish, standing, memory, SETTINGS, NOW)).isEqualTo(expected);
  }

  @Test
  void pauses_grow_to_ten_minutes_and_begin_anew_for_another_target() {
    Memory memory = Memory.NONE;
    Duration last = Duration.ZERO;
    for (int i = 0; i < 20; i++) {
      memory = memory.pauses(TARGET, NOW);
      Duration pause = memory.notBefore().minus(NOW);
      assertThat(pause).isGreaterThanOrEqualTo(last).isBetween(seconds(10), seconds(600));
      last = pause;
    }
    assertThat(last).isEqualTo(seconds(600));
    assertThat(memory.pauses("another", NOW).notBefore().minus(NOW)).isEqualTo(seconds(10));
  }

  private static Duration seconds(long count) {
    return Duration.ofSeconds(count);
  }

  @Test
  void what_was_live_here_before_is_never_given_up() {
    assertThat(AgentStep.isGivenUp(TARGET, Memory.NONE)).isTrue();
    assertThat(AgentStep.isGivenUp(TARGET, Memory.NONE.isLive(TARGET))).isFalse();
  }
}
