package dev.s3dock.agent;

import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.Rollouts;
import dev.s3dock.store.ObjectStore;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What an agent works with.
 *
 * @param version of the program
 * @param clock tells the time to people; decisions use {@code nanoTime}, which nobody sets
 */
public record AgentParts(
    ObjectStore store,
    Deployments deployments,
    Rollouts rollouts,
    Host host,
    AgentEvent.Log log,
    String version,
    Clock clock,
    LongSupplier nanoTime) {
  /** By a clock that only moves forward. */
  Duration uptime() {
    return Duration.ofNanos(nanoTime.getAsLong());
  }
}
