package dev.s3dock.agent;

import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.agent.Decision.Deploy;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments.Last;
import dev.s3dock.registry.report.Deployments.Own;
import dev.s3dock.registry.report.FailedTarget;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Follows one environment: each {@link #step} looks at what should and what does run, and brings it
 * in line. One step at a time; the view may be asked by any thread.
 */
final class Follower {
  private final Service service;
  private final AgentParts parts;
  private final EnvironmentWatch watch;
  private final HostReporter reporter;
  private final Narrator narrator;
  private final WaitingRoom waitingRoom;
  private final TurnKeeper keeper;
  private Memory memory = Memory.NONE;
  private boolean restored;

  /** What was live on this host last. */
  private Optional<ImageReference> former = Optional.empty();

  private Optional<ImageReference> wanted = Optional.empty();
  private String wantedSince = "";
  private Optional<Duration> behindSince = Optional.empty();
  private volatile Optional<Duration> looked = Optional.empty();
  private volatile boolean busy;
  private volatile ServiceView view;
  private long deployments;
  private long failures;

  Follower(Service service, AgentParts parts) {
    this.service = service;
    this.parts = parts;
    this.watch = new EnvironmentWatch(parts.store(), service);
    this.reporter = new HostReporter(parts.store(), parts.deployments(), service);
    this.narrator = new Narrator(service, parts);
    this.waitingRoom = new WaitingRoom(narrator);
    this.keeper =
        new TurnKeeper(
            parts.rollouts().marks(service.app(), service.environment()),
            parts.rollouts().control(),
            text -> narrator.tell(Kind.ROLLOUT, wanted, text));
    this.view = view(Optional.empty(), new Rest(State.UNKNOWN, "it was not looked at yet"));
  }

  /** How it is now. */
  ServiceView view() {
    ServiceView last = view;
    return new ServiceView(
        service,
        last.wanted(),
        last.running(),
        last.state(),
        last.reason(),
        looked.map(at -> parts.uptime().minus(at)),
        last.behind(),
        last.deployments(),
        last.failures(),
        busy);
  }

  /** Looks once, and changes and reports nothing. */
  ServiceView check() throws InterruptedException {
    Wish wish = watch.look();
    wanted = wish instanceof Wish.Wanted it ? Optional.of(it.image()) : Optional.empty();
    try {
      restore();
      try (HostService host = parts.host().service(service, DeployProgress.NONE)) {
        Standing standing = host.standing();
        Decision due = decision(wish, standing, host.settings());
        return view(standing.running(), asRest(due));
      }
    } catch (RuntimeException e) {
      return view(Optional.empty(), new Rest(State.UNKNOWN, reason(e)));
    }
  }

  private static Rest asRest(Decision due) {
    return switch (due) {
      case Rest rest -> rest;
      case Deploy deploy -> new Rest(State.BEHIND, deploy.reason());
    };
  }

  /**
   * Looks once, and deploys if that is due.
   *
   * @param turns how many deployments may run at the same time
   */
  void step(Semaphore turns, Duration interval) throws InterruptedException {
    Wish wish = watch.look();
    looked = Optional.of(parts.uptime());
    note(wish);
    HostService host;
    try {
      restore();
      host = parts.host().service(service, narrator);
    } catch (RuntimeException e) {
      rest(Optional.empty(), new Rest(State.UNKNOWN, reason(e)), interval);
      return;
    }
    try (host) {
      step(wish, host, turns, interval);
    }
  }

  private void step(Wish wish, HostService host, Semaphore turns, Duration interval)
      throws InterruptedException {
    Standing standing = host.standing();
    Due due = due(wish, host, standing, interval);
    switch (due.decision()) {
      case Rest rest -> {
        rest(standing.running(), rest, interval);
        fetchAhead(wish, standing, rest, host);
      }
      case Deploy deploy -> {
        busy = true;
        try {
          deploy(
              new Attempt(
                  deploy.reason(), (Wish.Wanted) due.wish(), host, standing.running(), interval),
              turns);
        } finally {
          busy = false;
        }
      }
    }
  }

  /** Within the window of this host. */
  private Decision decision(Wish wish, Standing standing, String settings) {
    return WaitingRoom.gate(
        AgentStep.after(wish, standing, memory, settings, parts.uptime()),
        wish,
        standing,
        parts.host().closedUntil());
  }

  /** What waits for the window of this host, or for its turn. */
  private void fetchAhead(Wish wish, Standing standing, Rest rest, HostService host) {
    boolean waits =
        rest.state() == State.WAITING
            || (rest.state() == State.BEHIND && parts.host().closedUntil().isPresent());
    if (waits && wish instanceof Wish.Wanted waiting && WaitingRoom.replaces(waiting, standing)) {
      busy = true;
      try {
        waitingRoom.fetch(waiting, host, parts.uptime());
      } finally {
        busy = false;
      }
    }
  }

  /**
   * What is due on this host.
   *
   * @param wish what is to run here, which is what did where its turn has not come
   */
  private record Due(Wish wish, Decision decision) {}

  private Due due(Wish wish, HostService host, Standing standing, Duration interval) {
    String settings = host.settings();
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
      return new Due(wish, new Rest(State.UNKNOWN, reason(e)));
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

  private void note(Wish wish) {
    Optional<ImageReference> image =
        switch (wish) {
          case Wish.Wanted it -> Optional.of(it.image());
          case Wish.Nothing _ -> Optional.empty();
          case Wish.Unreadable _ -> wanted;
        };
    if (!image.equals(wanted)) {
      wanted = image;
      wantedSince = narrator.now();
      image.ifPresent(it -> narrator.tell(Kind.WANTED, Optional.of(it), ""));
    }
  }

  /** What the agent before this one has found out. */
  private void restore() {
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
                narrator.tell(Kind.RETRY, wanted, "asked for");
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

  /**
   * One deployment that is due.
   *
   * @param before what runs until it is done
   */
  private record Attempt(
      String why,
      Wish.Wanted target,
      HostService host,
      Optional<ImageReference> before,
      Duration interval) {
    Rest deploying() {
      return new Rest(State.DEPLOYING, why);
    }
  }

  private void deploy(Attempt attempt, Semaphore turns) throws InterruptedException {
    show(attempt.before(), attempt.deploying(), attempt.interval());
    if (!turns.tryAcquire()) {
      turns.acquire();
      if (attempt.target().rollout().isPresent() && !isWanted(attempt.target())) {
        turns.release();
        return; // it was moved while others had their turn
      }
    }
    try (Recall recall = new Recall(() -> goesOn(attempt), attempt.interval())) {
      deploy(attempt, recall);
    } finally {
      turns.release();
    }
    rest(attempt.host(), attempt.interval());
  }

  private void deploy(Attempt attempt, Recall recall) throws InterruptedException {
    Wish.Wanted target = attempt.target();
    try {
      narrator.tell(Kind.DEPLOYING, Optional.of(target.image()), attempt.why());
      live(attempt, attempt.host().deploy(target.image()));
    } catch (InterruptedException e) {
      recall.close();
      if (!recall.isCalled()) {
        throw e;
      }
      recalled(target);
    } catch (RuntimeException e) {
      recall.close();
      if (recall.isCalled()) {
        recalled(target);
        return;
      }
      failures++;
      if (Thread.currentThread().isInterrupted()) {
        narrator.tell(Kind.POSTPONED, Optional.of(target.image()), reason(e));
        throw new InterruptedException("the agent ends");
      }
      failed(e, attempt);
    }
  }

  private void live(Attempt attempt, Deployed deployed) {
    deployments++;
    former = Optional.of(deployed.image());
    memory = memory.isLive(AgentStep.target(attempt.target(), attempt.host().settings()));
    // before the log says so, here and where it fails: who reads it there finds the same in the
    // bucket
    show(Optional.of(deployed.image()), new Rest(State.HEALTHY, ""), attempt.interval());
    narrator.tell(
        Kind.LIVE,
        Optional.of(deployed.image()),
        deployed.skipped() ? "it was live already" : deployed.where());
  }

  private void recalled(Wish.Wanted target) {
    memory = memory.recorded(false);
    narrator.tell(
        Kind.POSTPONED, Optional.of(target.image()), "recalled: it is wanted here no more");
  }

  /** Asked while it is deployed; says too that the agent is there. */
  private boolean goesOn(Attempt attempt) {
    boolean goesOn = attempt.target().rollout().isEmpty() || isWanted(attempt.target());
    if (goesOn) {
      show(attempt.before(), attempt.deploying(), attempt.interval());
    }
    return goesOn;
  }

  private boolean isWanted(Wish.Wanted target) {
    return switch (watch.look()) {
      case Wish.Wanted now ->
          now.state().equals(target.state())
              && now.rollout().flatMap(RolloutState::aborted).isEmpty();
      case Wish.Nothing _ -> false;
      case Wish.Unreadable _ -> true;
    };
  }

  /** What is seen after a deployment, without another one. */
  private void rest(HostService host, Duration interval) throws InterruptedException {
    Wish wish = watch.look();
    looked = Optional.of(parts.uptime());
    note(wish);
    Standing standing = host.standing();
    Due next = due(wish, host, standing, interval);
    rest(standing.running(), asRest(next.decision()), interval);
  }

  private void failed(RuntimeException e, Attempt attempt) {
    Wish.Wanted target = attempt.target();
    String id = AgentStep.target(target, attempt.host().settings());
    boolean unfit =
        e instanceof DeployException it
            && it.kind() == DeployException.Kind.UNFIT
            && attempt.host().engineAnswers()
            && watch.look() instanceof Wish.Wanted now
            && now.state().equals(target.state());
    String reason = reason(e);
    if (unfit && AgentStep.isGivenUp(id, memory)) {
      memory =
          memory.gaveUp(
              new FailedTarget(id, target.image().toString(), reason, narrator.now(), asked()));
      show(attempt.before(), new Rest(State.FAILED, reason), attempt.interval());
      narrator.tell(Kind.FAILED, Optional.of(target.image()), reason);
      return;
    }
    memory = memory.recorded(false).pauses(id, parts.uptime());
    narrator.tell(
        Kind.POSTPONED,
        Optional.of(target.image()),
        "tried again in %d s: %s"
            .formatted(memory.notBefore().minus(parts.uptime()).toSeconds(), reason));
  }

  private String asked() {
    try {
      return reporter.read().map(Own::asked).orElse("");
    } catch (StoreException | RegistryException e) {
      return "";
    }
  }

  private static String reason(RuntimeException e) {
    String text = e.getMessage() == null ? FailureWords.of(e) : e.getMessage();
    return text.lines().findFirst().orElse("");
  }

  private void rest(Optional<ImageReference> running, Rest rest, Duration interval) {
    narrator.state(rest, wanted);
    show(running, rest, interval);
  }

  private void show(Optional<ImageReference> running, Rest rest, Duration interval) {
    boolean right = rest.state() == State.HEALTHY;
    behindSince = right ? Optional.empty() : behindSince.or(() -> Optional.of(parts.uptime()));
    view = view(running, rest);
    if (!restored) {
      return; // what is not known must not be overwritten
    }
    try {
      reporter.say(
          new AgentReport(
              parts.version(),
              wanted.map(ImageReference::toString).orElse(""),
              wantedSince,
              running.map(ImageReference::toString).orElse(""),
              rest.state().toString(),
              rest.reason(),
              memory.live(),
              memory.failed(),
              parts.host().diskFree(),
              narrator.now(),
              interval.toSeconds(),
              parts.host().labels()),
          parts.uptime());
    } catch (StoreException | RegistryException e) {
      // said at the next look
    }
  }

  private ServiceView view(Optional<ImageReference> running, Rest rest) {
    return new ServiceView(
        service,
        wanted,
        running,
        rest.state().toString(),
        rest.reason(),
        looked,
        behindSince.map(at -> parts.uptime().minus(at)).orElse(Duration.ZERO),
        deployments,
        failures,
        busy);
  }
}
