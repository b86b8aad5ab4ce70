package dev.s3dock.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Documents;
import dev.s3dock.registry.Pointer;
import dev.s3dock.rollout.RolloutState.Word;
import dev.s3dock.rollout.RolloutTurn.Begin;
import dev.s3dock.rollout.RolloutTurn.Wait;
import dev.s3dock.store.ETag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RolloutViewTest {
  private static final Instant NOW = Instant.parse("2025-08-02T07:30:00Z");

  private static RolloutState rollout(
      List<String> canaries, int atOnce, int maxFailures, boolean approve, Optional<Word> paused) {
    RolloutPlan plan =
        new RolloutPlan(
            canaries.isEmpty() ? Optional.empty() : Optional.of("canary"),
            "" + atOnce,
            Duration.ofMinutes(10),
            maxFailures,
            RolloutPlan.OnFailure.PAUSE,
            approve,
            Duration.ofMinutes(10));
    Pointer pointer =
        new Pointer(
            BucketLayout.pointer(new AppName("shop"), new Environment("production")),
            new Pointer.Target.OfImage(
                BucketLayout.image(ImageReference.parse("shop:20250720-1045-def5678")).metadata(),
                BucketLayout.image(ImageReference.parse("shop:20250720-1045-def5678"))),
            "anna",
            "2025-08-02T07:00:00Z",
            Documents.create(),
            new ETag("e"));
    return new RolloutState(
        pointer,
        "id",
        "0123456789abcdef",
        plan,
        canaries,
        atOnce,
        Optional.empty(),
        paused,
        Optional.empty(),
        Optional.empty());
  }

  private static HostProgress host(String name, String... words) {
    HostProgress host = HostProgress.unknown(name).seen(NOW);
    for (String word : words) {
      host = host.marked(word, NOW);
    }
    return host;
  }

  private static RolloutView view(RolloutState rollout, HostProgress... hosts) {
    return new RolloutView(rollout, List.of(hosts), Optional.of(NOW), NOW);
  }

  @Test
  void nobody_begins_before_all_canaries_are_healthy() {
    RolloutState rollout = rollout(List.of("a", "b"), 5, 1, false, Optional.empty());
    RolloutView view = view(rollout, host("a", "begun", "healthy"), host("b", "begun"), host("c"));
    assertThat(view.turn("b")).isEqualTo(new Begin());
    assertThat(view.turn("c")).isEqualTo(new Wait("the canaries come first", false, 1));
    assertThat(view(rollout, host("a", "healthy"), host("b", "healthy"), host("c")).turn("c"))
        .isEqualTo(new Begin());
  }

  @Test
  void a_canary_that_fails_ends_it_however_many_may() {
    RolloutState rollout = rollout(List.of("a", "b"), 5, 9, false, Optional.empty());
    RolloutView view = view(rollout, host("a", "healthy", "failed"), host("b"), host("c"));
    assertThat(view.condition())
        .isEqualTo(new RolloutView.Condition(RolloutPhase.FAILED, "canary a failed"));
    assertThat(view.turn("b")).isInstanceOf(Wait.class);
  }

  @Test
  void what_canaries_run_may_have_to_be_approved() {
    RolloutState rollout = rollout(List.of("a"), 5, 1, true, Optional.empty());
    assertThat(view(rollout, host("a", "healthy"), host("c")).turn("c"))
        .isEqualTo(new Wait("it waits for `s3dock rollout approve`", true, 0));
  }

  @Test
  void a_silent_canary_is_passed_over_unless_all_are() {
    RolloutState rollout = rollout(List.of("a", "b"), 5, 1, false, Optional.empty());
    assertThat(view(rollout, host("a", "healthy"), host("c")).turn("c")).isEqualTo(new Begin());
    assertThat(view(rollout, host("c")).turn("c")).isInstanceOf(Wait.class);
  }

  @Test
  void without_progress_it_stalls_but_for_the_soak() {
    RolloutState rollout = rollout(List.of(), 1, 1, false, Optional.empty());
    List<HostProgress> hosts =
        List.of(
            host("a", "begun").seen(NOW.plusSeconds(1200)), host("b").seen(NOW.plusSeconds(1200)));
    assertThat(
            new RolloutView(rollout, hosts, Optional.of(NOW), NOW.plusSeconds(1200))
                .condition()
                .phase())
        .isEqualTo(RolloutPhase.BATCHES);
    assertThat(
            new RolloutView(rollout, hosts, Optional.of(NOW), NOW.plusSeconds(1201))
                .condition()
                .phase())
        .isEqualTo(RolloutPhase.STALLED);
    assertThat(
            new RolloutView(rollout, hosts, Optional.empty(), NOW.plusSeconds(9999))
                .condition()
                .phase())
        .isNotEqualTo(RolloutPhase.STALLED);
  }

  @Test
  void a_pause_holds_all() {
    RolloutState rollout =
        rollout(List.of(), 1, 1, false, Optional.of(new Word("anna on desk", "", "lunch")));
    assertThat(view(rollout, host("a")).turn("a"))
        .isEqualTo(new Wait("the rollout is stopped: paused by anna on desk: lunch", true, 0));
  }

  /** Hosts come, go silent and end in any order; each marks, then looks, as an agent does. */
  @Property(tries = 300)
  void never_more_are_under_way_than_may(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int hosts,
      @ForAll @IntRange(min = 1, max = 5) int atOnce,
      @ForAll @IntRange(min = 0, max = 3) int canaries) {
    Random random = new Random(seed);
    List<String> names = IntStream.range(0, hosts).mapToObj(i -> "h" + i).toList();
    List<String> first = names.subList(0, Math.min(canaries, hosts));
    RolloutState rollout = rollout(first, atOnce, 1, false, Optional.empty());
    List<HostProgress> seen = new ArrayList<>();
    names.stream().filter(_ -> random.nextBoolean()).map(RolloutViewTest::host).forEach(seen::add);
    Set<String> active = new HashSet<>();
    Instant now = NOW;
    for (int step = 0; step < 400; step++) {
      now = now.plusSeconds(60);
      String name = names.get(random.nextInt(hosts));
      HostProgress own =
          seen.stream()
              .filter(it -> it.host().equals(name))
              .findFirst()
              .orElseGet(() -> host(name));
      seen.removeIf(it -> it.host().equals(name));
      if (active.contains(name)) {
        own = own.seen(now);
        if (random.nextInt(3) == 0) {
          own = own.marked(RolloutMarks.HEALTHY, now);
          active.remove(name);
        }
      } else if (!own.ended() && random.nextInt(4) > 0) {
        HostProgress claimed = own.marked(RolloutMarks.BEGUN, now);
        List<HostProgress> marked = new ArrayList<>(seen);
        marked.add(claimed);
        refresh(marked, active, now);
        if (new RolloutView(rollout, marked, Optional.empty(), now).turn(name) instanceof Begin) {
          own = claimed;
          active.add(name);
        }
      }
      seen.add(own);
      refresh(seen, active, now);
      assertThat(active).hasSizeLessThanOrEqualTo(atOnce);
      if (!first.isEmpty()
          && seen.stream().noneMatch(it -> first.contains(it.host()) && it.healthy())) {
        assertThat(first).containsAll(active);
      }
    }
  }

  /** What is under way reports, whatever else is silent. */
  private static void refresh(List<HostProgress> hosts, Set<String> active, Instant now) {
    hosts.replaceAll(it -> active.contains(it.host()) ? it.seen(now) : it);
  }

  /** With hosts that all report, it ends, whoever looks when. */
  @Property(tries = 100)
  void it_always_ends(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int hosts,
      @ForAll @IntRange(min = 1, max = 5) int atOnce) {
    Random random = new Random(seed);
    List<HostProgress> seen =
        new ArrayList<>(IntStream.range(0, hosts).mapToObj(i -> host("h" + i)).toList());
    RolloutState rollout = rollout(List.of("h0"), atOnce, 1, false, Optional.empty());
    for (int step = 0; step < 2000; step++) {
      int index = random.nextInt(seen.size());
      HostProgress own = seen.get(index);
      RolloutView view = new RolloutView(rollout, seen, Optional.empty(), NOW);
      if (own.begun()) {
        seen.set(index, own.marked(RolloutMarks.HEALTHY, NOW));
      } else if (view.turn(own.host()) instanceof Begin) {
        seen.set(index, own.marked(RolloutMarks.BEGUN, NOW));
      }
    }
    assertThat(new RolloutView(rollout, seen, Optional.empty(), NOW).condition().phase())
        .isEqualTo(RolloutPhase.DONE);
  }
}
