package dev.s3dock.agent;

import dev.s3dock.agent.Decision.Deploy;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Standing;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.rollout.RolloutControl;
import dev.s3dock.rollout.RolloutMarks;
import dev.s3dock.rollout.RolloutMarks.Mark;
import dev.s3dock.rollout.RolloutSighting;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.rollout.RolloutTurn;
import dev.s3dock.rollout.RolloutTurn.Begin;
import dev.s3dock.rollout.RolloutTurn.Wait;
import dev.s3dock.rollout.RolloutView;
import dev.s3dock.store.ETag;
import dev.s3dock.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps the turn of this host in the rollouts of one environment, with few requests: far from its
 * turn it asks nothing, near to it at growing pauses. All times but those of marks are of the clock
 * that only this process knows.
 */
final class TurnKeeper {
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** No use to look for silent hosts more often. */
  private static final Duration SILENCE = Duration.ofMinutes(15);

  /** The pauses begin with such a part of the soak: near to that, little is lost. */
  private static final int SHORT_OF_SOAK = 4;

  private static final Duration NEVER = Duration.ofDays(36_500);

  private final RolloutMarks marks;
  private final RolloutControl control;
  private final Consumer<String> told;

  /** The target that all below is about, and the state of the pointer that was last seen. */
  private String target = "";

  private Optional<ETag> pointer = Optional.empty();
  private boolean seenFromItsStart;
  private boolean ended;
  private Optional<Duration> healthySince = Optional.empty();

  private Map<String, Instant> reports = Map.of();
  private Optional<Duration> reportsAt = Optional.empty();
  private Instant storeTime = Instant.EPOCH;
  private int endedHosts = -1;
  private Duration progress = Duration.ZERO;
  private Duration pause = Duration.ZERO;
  private Duration next = Duration.ZERO;
  private RolloutTurn last = new Begin();

  /** {@code told} hears what was done to a rollout. */
  TurnKeeper(RolloutMarks marks, RolloutControl control, Consumer<String> told) {
    this.marks = marks;
    this.control = control;
    this.told = told;
  }

  /**
   * What this host is to run now.
   *
   * @param wish the same as the environment's, or what was live here before until its turn comes
   * @param waiting how that is called; empty if it is its turn, or there is no rollout
   */
  record Here(Wish wish, Optional<Rest> waiting) {}

  /**
   * What this host is to run.
   *
   * @param former what was live here last
   */
  Here here(
      Wish wish,
      Standing standing,
      Memory memory,
      String settings,
      Optional<ImageReference> former,
      Duration now,
      Duration interval) {
    Optional<RolloutState> rollout =
        wish instanceof Wish.Wanted wanted ? wanted.rollout() : Optional.empty();
    if (!(wish instanceof Wish.Unreadable)) {
      note(rollout, now);
    }
    if (rollout.isEmpty()
        || !(wish instanceof Wish.Wanted wanted)
        || !AgentStep.needsTurn(wanted, standing, memory, settings)
        || !(AgentStep.after(wish, standing, memory, settings, now) instanceof Deploy)) {
      return new Here(wish, Optional.empty());
    }
    return switch (ask(rollout.get(), now, interval)) {
      case Begin _ -> new Here(wish, Optional.empty());
      case Wait wait ->
          new Here(
              former
                  .<Wish>map(image -> new Wish.Wanted("held " + image, image))
                  .orElseGet(Wish.Nothing::new),
              Optional.of(new Rest(wait.held() ? State.HELD : State.WAITING, wait.reason())));
    };
  }

  private void note(Optional<RolloutState> rollout, Duration now) {
    String id = rollout.map(RolloutState::target).orElse("none");
    if (!id.equals(target)) {
      seenFromItsStart = !target.isEmpty();
      target = id;
      ended = false;
      healthySince = Optional.empty();
      reportsAt = Optional.empty();
      endedHosts = -1;
    }
    Optional<ETag> state = rollout.map(it -> it.pointer().etag());
    if (!state.equals(pointer)) {
      pointer = state;
      progress = now;
      next = now;
      pause = Duration.ZERO;
    }
  }

  private RolloutTurn ask(RolloutState rollout, Duration now, Duration interval) {
    if (rollout.paused().isPresent() || rollout.aborted().isPresent()) {
      return new RolloutView(rollout, List.of(), Optional.empty(), Instant.EPOCH)
          .turn(marks.self());
    }
    if (now.compareTo(next) >= 0) {
      last = look(rollout, now, interval);
    }
    return last;
  }

  private RolloutTurn look(RolloutState rollout, Duration now, Duration interval) {
    boolean first = endedHosts < 0 && seenFromItsStart;
    List<Mark> seen = first ? List.of() : marks.ended(target);
    boolean goesOn = seen.size() != endedHosts;
    endedHosts = seen.size();
    progress = goesOn ? now : progress;
    Duration patience = rollout.plan().soak().plus(rollout.plan().deadline());
    boolean late = now.minus(progress).compareTo(patience) > 0;
    if (reportsAt.isEmpty() || late || (!goesOn && isOld(now))) {
      listReports(now);
    }
    RolloutTurn turn = judge(rollout, late ? marks.all(target) : seen, late);
    if (turn instanceof Begin) {
      turn = claim(rollout, late);
    }
    if (turn instanceof Wait wait) {
      schedule(rollout, wait, goesOn, first, now, interval);
    }
    return turn;
  }

  /** A host that has become silent since the reports were listed holds up those behind it. */
  private boolean isOld(Duration now) {
    return reportsAt.filter(at -> now.minus(at).compareTo(SILENCE) < 0).isEmpty();
  }

  private void listReports(Duration now) {
    Duration since = now.minus(reportsAt.orElse(now));
    reports = marks.hosts();
    reportsAt = Optional.of(now);
    Instant latest = reports.values().stream().max(Instant::compareTo).orElse(Instant.EPOCH);
    Instant counted = storeTime.plus(since);
    storeTime = latest.isAfter(counted) ? latest : counted;
  }

  /** With the time of the listing of the reports: to an older one, nobody has become silent. */
  private RolloutTurn judge(RolloutState rollout, List<Mark> seen, boolean late) {
    Optional<Instant> moved = late ? marks.moved() : Optional.empty();
    RolloutView view = new RolloutSighting(reports, seen, moved).at(rollout, storeTime);
    settle(rollout, view);
    return view.turn(marks.self());
  }

  /** First it is marked, then looked at: of two that begin, one sees the other. */
  private RolloutTurn claim(RolloutState rollout, boolean late) {
    marks.begin(target);
    RolloutTurn turn = judge(rollout, marks.all(target), late);
    if (turn instanceof Wait) {
      marks.withdraw(target);
    }
    return turn;
  }

  private void schedule(
      RolloutState rollout,
      Wait wait,
      boolean goesOn,
      boolean first,
      Duration now,
      Duration interval) {
    if (wait.held()) {
      next = NEVER; // until the pointer changes
      return;
    }
    Duration soak = rollout.plan().soak();
    Duration shortest = longer(interval.multipliedBy(2), soak.dividedBy(SHORT_OF_SOAK));
    pause = goesOn ? shortest : pause.multipliedBy(2);
    pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    Duration soonest = soak.multipliedBy(first ? wait.soaks() : Math.max(0, wait.soaks() - 1));
    next = now.plus(longer(soonest, pause));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /**
   * Marks what has come of the target here.
   *
   * @param wish of the environment
   */
  void observe(Wish wish, Decision decision, boolean onlyUnhealthy, Duration now) {
    if (ended || !(wish instanceof Wish.Wanted wanted) || wanted.rollout().isEmpty()) {
      return;
    }
    RolloutState rollout = wanted.rollout().get();
    note(wanted.rollout(), now);
    switch (decision) {
      case Rest rest when rest.state() == State.HEALTHY -> {
        Duration since = healthySince.orElse(now);
        healthySince = Optional.of(since);
        if (now.minus(since).compareTo(rollout.plan().soak()) >= 0) {
          marks.healthy(target);
          ended = true;
        }
      }
      case Rest rest when rest.state() == State.FAILED -> fail(rollout, rest.reason());
      case Deploy deploy when onlyUnhealthy && healthySince.isPresent() -> {
        fail(rollout, deploy.reason());
        control.failed(rollout, deploy.reason());
      }
      default -> {
        // it goes on
      }
    }
  }

  private void fail(RolloutState rollout, String reason) {
    marks.failed(target, reason);
    ended = true;
    settle(
        rollout,
        new RolloutSighting(Map.of(), marks.all(target), Optional.empty()).at(rollout, storeTime));
  }

  /** What a rollout that fails comes to is done by whoever sees it first. */
  private void settle(RolloutState rollout, RolloutView view) {
    try {
      control.settle(rollout, view.condition()).ifPresent(told);
    } catch (StoreException | RegistryException e) {
      told.accept(
          "%s, but the pointer could not be written: %s"
              .formatted(view.condition().reason(), e.getMessage()));
    }
  }
}
