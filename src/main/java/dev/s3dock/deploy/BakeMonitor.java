package dev.s3dock.deploy;

import dev.s3dock.deploy.health.HealthGate;
import dev.s3dock.deploy.health.RoutingCheck;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Durations;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Waiting;
import dev.s3dock.image.Counted;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Watches a container that has the traffic, by itself and through the load balancer. It may fail a
 * check, but not as many in a row as it had to pass.
 */
final class BakeMonitor {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final DeployContext context;
  private final Instance instance;
  private final List<Backend> serving;
  private final HealthGate gate;
  private final RoutingCheck routing;
  private int failed;
  private Optional<String> lastProblem = Optional.empty();
  private Deadline next = Deadline.in(Duration.ZERO);

  /**
   * Watches an instance.
   *
   * @param serving where traffic is to go, to its containers first
   */
  BakeMonitor(DeployContext context, Instance instance, List<Backend> serving) {
    this.context = context;
    this.instance = instance;
    this.serving = serving;
    this.gate = context.gate();
    this.routing = context.routing();
  }

  /**
   * Watches until requests on another backend have ended, or for so long as they may go on; tells
   * how many are open still.
   */
  void drain(Backend from) throws InterruptedException {
    OptionalLong open = untilIdle(from);
    if (open.isEmpty()) {
      context.progress().detail("the load balancer does not report the open requests of " + from);
    } else if (open.getAsLong() > 0) {
      context
          .progress()
          .note(
              "%s to %s still open after %s, and ended when it is stopped"
                  .formatted(
                      Counted.of(open.getAsLong(), "request"),
                      from,
                      Durations.text(context.settings().drain())));
    }
  }

  private OptionalLong untilIdle(Backend from) throws InterruptedException {
    Deadline deadline = Deadline.in(context.settings().drain());
    Waiting waiting =
        new Waiting(
            context.progress(),
            "waiting for the last requests to %s".formatted(from.colour()),
            deadline);
    while (true) {
      OptionalLong open = inFlight(from);
      if ((open.isPresent() && open.getAsLong() == 0) || deadline.isOver()) {
        return open;
      }
      lookWhenDue();
      waiting.goesOn(Optional.empty());
      deadline.pause(BETWEEN_LOOKS);
    }
  }

  /** A load balancer that does not answer fails the next look; one look alone ends nothing. */
  private OptionalLong inFlight(Backend from) {
    try {
      return context.loadBalancer().inFlight(from);
    } catch (LoadBalancerException e) {
      return OptionalLong.empty();
    }
  }

  /** Watches for so long; the last look must be a good one. */
  void bake(Duration time) throws InterruptedException {
    Deadline deadline = Deadline.in(time);
    Waiting waiting =
        new Waiting(context.progress(), "watching %s".formatted(instance.colour()), deadline);
    while (!deadline.isOver()) {
      lookWhenDue();
      waiting.goesOn(Optional.empty());
      deadline.pause(BETWEEN_LOOKS);
    }
    look();
    while (failed > 0) {
      Duration interval = context.settings().health().interval();
      Deadline.in(interval).pause(interval);
      look();
    }
  }

  private void lookWhenDue() throws InterruptedException {
    if (next.isOver()) {
      look();
    }
  }

  private void look() throws InterruptedException {
    Health health = context.settings().health();
    next = Deadline.in(health.interval());
    HealthGate.Finding finding = gate.check(instance, Deadline.in(health.timeout()));
    Optional<String> problem = finding.problem();
    if (problem.isEmpty()) {
      problem = throughFront();
    }
    Optional<String> before = lastProblem;
    lastProblem = problem;
    if (problem.isEmpty()) {
      failed = 0;
      return;
    }
    failed++;
    context.progress().detail("not healthy: " + problem.get());
    if (finding.isFinal() || failed >= health.passes()) {
      throw new DeployException(DeployException.Kind.FAILED, problem.get());
    }
    if (!problem.equals(before)) {
      context
          .progress()
          .note(
              "%s failed a check: %s; it is watched on"
                  .formatted(instance.colour(), problem.get()));
    }
  }

  private Optional<String> throughFront() throws InterruptedException {
    try {
      return routing.check(serving);
    } catch (LoadBalancerException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
