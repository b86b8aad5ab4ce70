package dev.s3dock.agent;

import static dev.s3dock.agent.SimulatedFleet.V2;
import static dev.s3dock.agent.SimulatedFleet.plan;

import dev.s3dock.rollout.RolloutPhase;
import dev.s3dock.rollout.RolloutPlan.OnFailure;
import java.time.Duration;
import java.util.IntSummaryStatistics;
import java.util.stream.Collectors;

/** Prints what a rollout over many simulated hosts costs; see {@code bench/fleet}. */
final class FleetMeasurement {
  private static final String LOOKS = "GET pointers";

  private FleetMeasurement() {}

  /** The argument is how many hosts there are. */
  public static void main(String... args) throws InterruptedException {
    int hosts = Integer.parseInt(args[0]);
    int limit = hosts / 4;
    try (SimulatedFleet fleet = new SimulatedFleet(17).of(hosts, 3)) {
      int[] most = {0};
      fleet.begun =
          () -> {
            most[0] = Math.max(most[0], fleet.active());
            if (most[0] > limit) {
              throw new IllegalStateException(most[0] + " at once");
            }
          };
      fleet.forget();
      Duration start = fleet.time();
      fleet.promote(V2, plan("label=canary", "25%", 1, OnFailure.PAUSE));
      boolean done =
          fleet.until(
              () ->
                  fleet.agents.values().stream().noneMatch(agent -> agent.active)
                      && fleet.running(V2).size() == hosts
                      && fleet.view().condition().phase() == RolloutPhase.DONE,
              Duration.ofHours(4));
      Duration took = fleet.time().minus(start);
      int reports = 2 * (int) (took.toMinutes() / 5 + 1);
      IntSummaryStatistics requests =
          fleet.agents.values().stream()
              .collect(
                  Collectors.summarizingInt(
                      agent -> agent.requests("(?!" + LOOKS + ").*") - reports));
      System.out.printf(
          "%d hosts, 25 %% at once: %s after %d min; at most %d at once (limit %d); requests of a host beside its looks and the %d of its regular reports: %.1f, at most %d%n",
          hosts,
          done ? "done" : "NOT DONE",
          took.toMinutes(),
          most[0],
          limit,
          reports,
          requests.getAverage(),
          requests.getMax());
    }
  }
}
