package dev.s3dock.cli.deploy;

import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * What users of all hosts see while a good image is rolled out, then a bad one that goes back by
 * itself, then a good one.
 */
final class RolloutUnderLoad {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final List<String> PLAN =
      List.of(
          "--canary", "label=canary", "--batch", "50%", "--soak", "2s", "--on-failure", "rollback");

  private final NamespacedHosts fleet;
  private final String app;

  RolloutUnderLoad(NamespacedHosts fleet, String app) {
    this.fleet = fleet;
    this.app = app;
  }

  /**
   * What was seen.
   *
   * @param reports what became of the requests, by host
   * @param triedBad hosts that tried the bad image
   */
  record Seen(Map<String, Load.Report> reports, List<String> triedBad) {
    long requests() {
      return reports.values().stream().mapToLong(it -> it.requests().size()).sum();
    }

    long failures() {
      return reports.values().stream().mapToLong(it -> it.failures().size()).sum();
    }
  }

  Seen run() {
    String good = fleet.publish("good", Map.of());
    String bad = fleet.publish("bad", Map.of("EXIT_AT_ONCE", "3"));
    String better = fleet.publish("better", Map.of());
    List<Load> loads = new ArrayList<>();
    try {
      for (int i = 0; i < fleet.hosts.size(); i++) {
        loads.add(
            fleet.load(i, new Load.Mix(1, 1, 0, 0, Duration.ofMillis(100), Duration.ofSeconds(1))));
      }
      loads.forEach(load -> load.awaitMore(20, PATIENCE));
      rollOut("good");
      awaitEverywhere(good);
      rollOut("bad");
      await("it goes back by itself", () -> current().equals(good) && fleet.canary().hasTried(bad));
      loads.forEach(load -> load.awaitMore(40, PATIENCE));
      rollOut("better");
      awaitEverywhere(better);
      loads.forEach(load -> load.awaitMore(20, PATIENCE));
      return seen(loads.stream().map(Load::stop).toList(), bad);
    } finally {
      loads.forEach(Load::close);
    }
  }

  private Seen seen(List<Load.Report> reports, String bad) {
    Map<String, Load.Report> byHost = new TreeMap<>();
    for (int i = 0; i < reports.size(); i++) {
      byHost.put(fleet.hosts.get(i).name, reports.get(i));
    }
    return new Seen(
        byHost,
        fleet.hosts.stream().filter(host -> host.hasTried(bad)).map(host -> host.name).toList());
  }

  private void rollOut(String version) {
    fleet
        .desk
        .s3dock(
            Stream.concat(Stream.of("promote", app, version, "production"), PLAN.stream())
                .toArray(String[]::new))
        .ok();
  }

  private String current() {
    return fleet.desk.s3dock("current", app, "production").line();
  }

  /** Waits until all hosts say that it is live there. */
  void awaitEverywhere(String reference) {
    await(
        reference + " is live on all hosts",
        () -> fleet.hosts.stream().allMatch(host -> host.isLive(reference)));
  }

  private void await(String what, Callable<Boolean> condition) {
    try {
      Eventually.holds(
          PATIENCE,
          what,
          () -> {
            fleet.hosts.forEach(NamespacedHost::agentPid);
            return condition.call();
          });
    } catch (AssertionError e) {
      StringBuilder logs = new StringBuilder();
      fleet.hosts.forEach(
          host -> logs.append("--- ").append(host.name).append('\n').append(host.said()));
      throw new AssertionError(e.getMessage() + "\n" + logs, e);
    }
  }
}
