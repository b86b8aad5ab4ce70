package dev.s3dock.agent;

import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments.Last;
import dev.s3dock.registry.report.Deployments.Own;
import dev.s3dock.registry.report.FailedTarget;
import dev.s3dock.store.StoreException;
import java.time.Duration;
import java.util.Optional;

/**
 * What is due on this host: the rules of {@link AgentStep}, the window and the turn in a rollout
 * together, with what is remembered for them.
 */
final class HostRules {
  private final AgentParts parts;
  private final Narrator narrator;
  private final ServiceStatus status;
  private final WaitingRoom waitingRoom;
  private final TurnKeeper keeper;
  private Memory memory = Memory.NONE;
  private boolean restored;

  /** What was live on this host last. */
  private Optional<ImageReference> former = Optional.empty();

  HostRules(Service service, AgentParts parts, Narrator narrator, ServiceStatus status) {
    this.parts = parts;
    this.narrator = narrator;
    this.status = status;
    this.waitingRoom = new WaitingRoom(narrator);
    this.keeper =
        new TurnKeeper(
            parts.rollouts().marks(service.app(), service.environment()),
            parts.rollouts().control(),
            text -> narrator.tell(Kind.ROLLOUT, status.wanted(), text));
  }

  Memory memory() {
    return memory;
  }

  /** True once it is known what the agent before this one has found out. */
  boolean isRestored() {
    return restored;
  }

  /** Within the window of this host. */
  Decision decision(Wish wish, Standing standing, String settings) {
    return WaitingRoom.gate(
        AgentStep.after(wish, standing, memory, settings, parts.uptime()),
        wish,
        standing,
        parts.host().closedUntil());
  }

  /** What waits for the window of this host, or for its turn. */
  void fetchAhead(Wish wish, Standing standing, Rest rest, HostService host) {
    boolean waits =
        rest.state() == State.WAITING
            || (rest.state() == State.BEHIND && parts.host().closedUntil().isPresent());
    if (waits && wish instanceof Wish.Wanted waiting && WaitingRoom.replaces(waiting, standing)) {
      status.busy(true);
      try {
        waitingRoom.fetch(waiting, host, parts.uptime());
      } finally {
        status.busy(false);
      }
    }
  }

  /**
   * What is due on this host.
   *
   * @param wish what is to run here, which is what did where its turn has not come
   */
  record Due(Wish wish, Decision decision) {}

  /** Writes the marks of a rollout, if there is one. */
  Due due(Wish wish, String settings, Standing standing, Duration interval) {
    try {
      TurnKeeper.Here here = here(wish, standing, settings, interval);
      remember(here.wish(), standing, settings);
      Decision decision = decision(here.wish(), standing, settings);
      boolean onlyUnhealthy =
          here.wish() instanceof Wish.Wanted now && AgentStep.isOnlyUnhealthy(now, standing);
      keeper.observe(here.wish(), decision, onlyUnhealthy, parts.uptime());
      boolean waits =
          here.waiting().isPresent()
              && (here.wish() instanceof Wish.Nothing
                  || (decision instanceof Rest rest && rest.state() == State.HEALTHY));
      return new Due(here.wish(), waits ? here.waiting().get() : decision);
    } catch (StoreException | RegistryException e) {
      return new Due(wish, new Rest(State.UNKNOWN, Follower.reason(e)));
    }
  }

  /** A host whose window is closed asks for no turn. */
  private TurnKeeper.Here here(Wish wish, Standing standing, String settings, Duration interval) {
    boolean closed =
        wish instanceof Wish.Wanted wanted
            && parts.host().closedUntil().isPresent()
            && WaitingRoom.replaces(wanted, standing);
    return closed
        ? new TurnKeeper.Here(wish, Optional.empty())
        : keeper.here(
            wish,
            standing,
            memory,
            settings,
            standing.running().or(() -> former),
            parts.uptime(),
            interval);
  }

  /** What the agent before this one has found out. */
  void restore(HostReporter reporter) {
    if (!restored || memory.failed().isPresent()) {
      Optional<Own> own = reporter.read();
      if (!restored) {
        Optional<AgentReport> word = own.flatMap(Own::agent);
        memory =
            new Memory(
                word.map(AgentReport::live).orElse(""),
                word.flatMap(AgentReport::failed),
                "",
                0,
                Duration.ZERO,
                0,
                own.map(Own::last).map(Last::recorded).orElse(false));
        former = own.map(Own::last).flatMap(Last::reference);
        restored = true;
      }
      memory
          .failed()
          .filter(failed -> !failed.asked().equals(own.map(Own::asked).orElse("")))
          .ifPresent(
              _ -> {
                memory = memory.retries();
                narrator.tell(Kind.RETRY, status.wanted(), "asked for");
              });
    }
  }

  private void remember(Wish wish, Standing standing, String settings) {
    if (!(wish instanceof Wish.Wanted now)) {
      return;
    }
    boolean onlyUnhealthy = AgentStep.isOnlyUnhealthy(now, standing);
    boolean healthy = onlyUnhealthy && ((Standing.Live) standing).problem().isEmpty();
    memory = memory.looked(!onlyUnhealthy || healthy);
    if (healthy && memory.recorded()) {
      memory = memory.isLive(AgentStep.target(now, settings));
    }
  }

  /** An image was brought live. */
  void wentLive(Wish.Wanted target, String settings, ImageReference image) {
    former = Optional.of(image);
    memory = memory.isLive(AgentStep.target(target, settings));
  }

  /** A deployment has gone back, and may not be recorded. */
  void interrupted() {
    memory = memory.recorded(false);
  }

  /** True if a target that was found unfit is not tried again: it was never live here. */
  boolean isGivenUp(String target) {
    return AgentStep.isGivenUp(target, memory);
  }

  /** Remembers that. */
  void gaveUp(FailedTarget target) {
    memory = memory.gaveUp(target);
  }

  /** A target was tried in vain; returns when it may be tried again, from now on. */
  Duration pauses(String target) {
    memory = memory.recorded(false).pauses(target, parts.uptime());
    return memory.notBefore().minus(parts.uptime());
  }
}
