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
  private final ServiceStatus status;
  private final HostRules rules;

  Follower(Service service, AgentParts parts) {
    this.service = service;
    this.parts = parts;
    this.watch = new EnvironmentWatch(parts.store(), service);
    this.reporter = new HostReporter(parts.store(), parts.deployments(), service);
    this.narrator = new Narrator(service, parts);
    this.status = new ServiceStatus(service, parts, reporter);
    this.rules = new HostRules(service, parts, narrator, status);
  }

  /** How it is now. */
  ServiceView view() {
    return status.view();
  }

  /** Looks once, and changes and reports nothing. */
  ServiceView check() throws InterruptedException {
    Wish wish = watch.look();
    var _ = status.wants(wish, narrator.now());
    try {
      rules.restore(reporter);
      try (HostService host = parts.host().service(service, DeployProgress.NONE)) {
        Standing standing = host.standing();
        Decision due = rules.decision(wish, standing, host.settings());
        return status.view(standing.running(), asRest(due));
      }
    } catch (RuntimeException e) {
      return status.view(Optional.empty(), new Rest(State.UNKNOWN, reason(e)));
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
    note(wish);
    HostService host;
    try {
      rules.restore(reporter);
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
    HostRules.Due due = rules.due(wish, host.settings(), standing, interval);
    switch (due.decision()) {
      case Rest rest -> {
        rest(standing.running(), rest, interval);
        rules.fetchAhead(wish, standing, rest, host);
      }
      case Deploy deploy -> {
        status.busy(true);
        try {
          deploy(
              new Attempt(
                  deploy.reason(), (Wish.Wanted) due.wish(), host, standing.running(), interval),
              turns);
        } finally {
          status.busy(false);
        }
      }
    }
  }

  private void note(Wish wish) {
    status
        .looked(wish, narrator.now())
        .ifPresent(image -> narrator.tell(Kind.WANTED, Optional.of(image), ""));
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
      status.failed();
      if (Thread.currentThread().isInterrupted()) {
        narrator.tell(Kind.POSTPONED, Optional.of(target.image()), reason(e));
        throw new InterruptedException("the agent ends");
      }
      failed(e, attempt);
    }
  }

  private void live(Attempt attempt, Deployed deployed) {
    status.deployed();
    rules.wentLive(attempt.target(), attempt.host().settings(), deployed.image());
    // before the log says so, here and where it fails: who reads it there finds the same in the
    // bucket
    show(Optional.of(deployed.image()), new Rest(State.HEALTHY, ""), attempt.interval());
    narrator.tell(
        Kind.LIVE,
        Optional.of(deployed.image()),
        deployed.skipped() ? "it was live already" : deployed.where());
  }

  private void recalled(Wish.Wanted target) {
    rules.interrupted();
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
    note(wish);
    Standing standing = host.standing();
    HostRules.Due next = rules.due(wish, host.settings(), standing, interval);
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
    if (unfit && rules.isGivenUp(id)) {
      rules.gaveUp(
          new FailedTarget(id, target.image().toString(), reason, narrator.now(), asked()));
      show(attempt.before(), new Rest(State.FAILED, reason), attempt.interval());
      narrator.tell(Kind.FAILED, Optional.of(target.image()), reason);
      return;
    }
    narrator.tell(
        Kind.POSTPONED,
        Optional.of(target.image()),
        "tried again in %d s: %s".formatted(rules.pauses(id).toSeconds(), reason));
  }

  private String asked() {
    try {
      return reporter.read().map(Own::asked).orElse("");
    } catch (StoreException | RegistryException e) {
      return "";
    }
  }

  static String reason(RuntimeException e) {
    String text = e.getMessage() == null ? FailureWords.of(e) : e.getMessage();
    return text.lines().findFirst().orElse("");
  }

  private void rest(Optional<ImageReference> running, Rest rest, Duration interval) {
    narrator.state(rest, status.wanted());
    show(running, rest, interval);
  }

  private void show(Optional<ImageReference> running, Rest rest, Duration interval) {
    status.show(running, rest);
    if (rules.isRestored()) { // what is not known must not be overwritten
      status.report(rules.memory(), interval, narrator.now());
    }
  }
}
