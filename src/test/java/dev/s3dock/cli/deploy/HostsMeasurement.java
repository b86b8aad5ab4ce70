package dev.s3dock.cli.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.s3.S3Client;

/** Measures hosts that follow a bucket; see {@code bench/hosts}. */
final class HostsMeasurement {
  private static final String APP = "hosts-web";
  private static final Path RESULTS = Path.of("target/hosts");
  private static final String TIMES =
      "bake: '1s', drain: '5s', stop_grace: '5s', health: { interval: '200ms', deadline: '120s' }";

  private final NamespacedHosts fleet;
  private final Duration interval;
  private final ObjectNode figures = new ObjectMapper().createObjectNode();
  private final List<String> table = new ArrayList<>();
  private boolean reached = true;

  private HostsMeasurement(NamespacedHosts fleet, Duration interval) {
    this.fleet = fleet;
    this.interval = interval;
  }

  /** How many hosts there are, how many promotions are timed, and the interval in seconds. */
  public static void main(String... args) throws IOException {
    int hosts = Integer.parseInt(args[0]);
    int rounds = Integer.parseInt(args[1]);
    Duration interval = Duration.ofSeconds(Integer.parseInt(args[2]));
    Path work = Files.createDirectories(RESULTS.resolve("work-" + ProcessHandle.current().pid()));
    boolean reached;
    try (NamespacedHosts fleet = new NamespacedHosts(work.toAbsolutePath(), APP, hosts, "hosts")) {
      reached = new HostsMeasurement(fleet, interval).run(rounds);
    }
    System.exit(reached ? 0 : 1);
  }

  private boolean run(int rounds) throws IOException {
    figures.put("hosts", fleet.hosts.size());
    figures.put("interval_seconds", interval.toSeconds());
    for (NamespacedHost host : fleet.hosts) {
      String labels = host == fleet.canary() ? "labels: ['canary']," : "";
      host.configure(APP, "%s interval: '%ds'".formatted(labels, interval.toSeconds()), TIMES);
    }
    String first = fleet.publish("v0", Map.of());
    fleet.desk.s3dock("promote", APP, "v0", "production", "--create").ok();
    fleet.follow();
    RolloutUnderLoad users = new RolloutUnderLoad(fleet, APP);
    users.awaitEverywhere(first);
    say("%d hosts follow".formatted(fleet.hosts.size()));
    measureStarts(rounds, users);
    measureUsers(users);
    write();
    return reached;
  }

  private void measureStarts(int rounds, RolloutUnderLoad users) throws IOException {
    List<Long> all = new ArrayList<>();
    ObjectNode byHost = figures.putObject("first_container_after_ms");
    for (int round = 1; round <= rounds; round++) {
      String reference = fleet.publish("v" + round, Map.of());
      fleet.desk.s3dock("promote", APP, "v" + round, "production").ok();
      Instant promoted = promotedAt();
      users.awaitEverywhere(reference);
      for (NamespacedHost host : fleet.hosts) {
        long took =
            Duration.between(
                    promoted, Eventually.value("its container", () -> host.started(APP, reference)))
                .toMillis();
        all.add(took);
        byHost.withArray(host.name).add(took);
      }
      say("promotion %d of %d is live everywhere".formatted(round, rounds));
    }
    all.sort(Long::compare);
    long percentile = all.get((int) Math.ceil(0.95 * all.size()) - 1);
    long limit = interval.toMillis() + 2000;
    row(
        "promotion → first container started, 95th percentile of " + all.size(),
        "%.1f s (median %.1f s, most %.1f s)"
            .formatted(
                percentile / 1000.0,
                all.get((all.size() - 1) / 2) / 1000.0,
                all.getLast() / 1000.0),
        "≤ %.1f s".formatted(limit / 1000.0),
        percentile <= limit);
  }

  /** As the pointer says: when it was written. */
  private Instant promotedAt() throws IOException {
    try (S3Client client = S3Servers.client(S3Servers.s3Mock())) {
      String key = BucketLayout.pointer(new AppName(APP), new Environment("production")).value();
      byte[] pointer =
          client.getObjectAsBytes(request -> request.bucket(fleet.bucket).key(key)).asByteArray();
      return OffsetDateTime.parse(new ObjectMapper().readTree(pointer).path("promoted_at").asText())
          .toInstant();
    }
  }

  private void measureUsers(RolloutUnderLoad users) {
    RolloutUnderLoad.Seen seen = users.run();
    ObjectNode byHost = figures.putObject("requests");
    seen.reports()
        .forEach(
            (host, report) -> {
              ObjectNode requests = byHost.putObject(host);
              requests.put("sent", report.requests().size());
              requests.put("failed", report.failures().size());
              requests.put("retried", report.retried());
              report.failures().stream()
                  .limit(20)
                  .map(Load.Request::toString)
                  .forEach(requests.withArray("failures")::add);
            });
    seen.triedBad().forEach(figures.withArray("tried_the_bad_image")::add);
    row(
        "hosts that tried the bad image",
        String.join(", ", seen.triedBad()),
        "canaries: " + fleet.canary().name,
        seen.triedBad().equals(List.of(fleet.canary().name)));
    row(
        "failed requests of %,d, through promote, failure, rollback, promote"
            .formatted(seen.requests()),
        String.valueOf(seen.failures()),
        "0",
        seen.failures() == 0);
  }

  private void row(String what, String figure, String limit, boolean holds) {
    reached &= holds;
    table.add(
        "| %s | %s | %s | %s |"
            .formatted(what, figure, limit, holds ? "reached" : "**not reached**"));
  }

  private void write() throws IOException {
    String text =
        "%d hosts, interval %d s\n\n| | measured | to reach | |\n|---|---|---|---|\n%s\n"
            .formatted(fleet.hosts.size(), interval.toSeconds(), String.join("\n", table));
    Files.writeString(RESULTS.resolve("results.md"), text);
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(RESULTS.resolve("results.json").toFile(), figures);
    for (NamespacedHost host : fleet.hosts) {
      Files.copy(
          host.log, RESULTS.resolve(host.name + ".log"), StandardCopyOption.REPLACE_EXISTING);
    }
    System.out.print(text);
  }

  private static void say(String text) {
    System.err.println(text);
  }
}
