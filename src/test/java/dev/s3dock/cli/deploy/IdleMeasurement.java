package dev.s3dock.cli.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.WebImage;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Measures an agent that has nothing to do; see {@code bench/idle}. */
final class IdleMeasurement {
  private static final List<String> APPS = List.of("idle-one", "idle-two", "idle-three");
  private static final Path RESULTS = Path.of("target/idle");
  private static final Duration INTERVAL = Duration.ofSeconds(15);

  /**
   * An agent runs for months: what it has done 300 times is compiled, as after an hour and a
   * quarter.
   */
  private static final Duration WARM_UP = Duration.ofMinutes(5);

  private static final Duration WARM_INTERVAL = Duration.ofSeconds(1);

  private static final Duration REPORTS = Duration.ofMinutes(5);
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final double MEMORY_LIMIT = 128;
  private static final double CPU_LIMIT = 0.2;

  private final ObjectMapper json = new ObjectMapper();
  private final ObjectNode figures = json.createObjectNode();
  private final List<String> table = new ArrayList<>();
  private boolean reached = true;

  /** For how many minutes, the launcher of s3dock, and minutes without the store. */
  public static void main(String... args) throws Exception {
    boolean reached =
        new IdleMeasurement()
            .run(minutes(args[0]), Path.of(args[1]).toAbsolutePath(), minutes(args[2]));
    System.exit(reached ? 0 : 1);
  }

  private static Duration minutes(String text) {
    return Duration.ofSeconds(Math.round(60 * Double.parseDouble(text)));
  }

  private boolean run(Duration time, Path launcher, Duration away) throws Exception {
    Path work = Files.createDirectories(RESULTS.resolve("work-" + ProcessHandle.current().pid()));
    S3Server server = S3Servers.s3Mock();
    List<Balancer> balancers = new ArrayList<>();
    Process agent = null;
    try (TestEngine engine = Engines.anotherReachable20("idle");
        FaultProxy counted = FaultProxy.inFrontOf(server.endpoint())) {
      User user =
          new User(work.toAbsolutePath())
              .with(engine.environment())
              .with(
                  "S3DOCK_LOCK_DIR",
                  Files.createDirectories(work.resolve("locks")).toAbsolutePath().toString())
              .with("S3DOCK_BUCKET", S3Servers.newBucket(server))
              .with("AWS_REGION", server.region())
              .with("AWS_ENDPOINT_URL", server.endpoint().toString());
      APPS.forEach(_ -> balancers.add(Balancers.haproxy()));
      configure(user, balancers, WARM_INTERVAL);
      APPS.forEach(app -> publish(user, engine, app, "v1"));
      user.with("AWS_ENDPOINT_URL", counted.endpoint().toString());
      Path log = RESULTS.resolve("agent.log").toAbsolutePath();
      agent = user.start(launcher, log, "agent");
      Eventually.holds(
          Duration.ofMinutes(5),
          "all is live",
          () ->
              Files.readString(log).lines().filter(it -> it.contains(" live ")).count()
                  == APPS.size());
      warmUp(agent);
      configure(user, balancers, INTERVAL);
      Thread.sleep(INTERVAL.multipliedBy(2)); // until the agent has seen it
      measure(agent, counted, time);
      if (away.isPositive()) {
        User other = user.with("AWS_ENDPOINT_URL", server.endpoint().toString());
        without(
            away,
            AwayMeasurement.of(
                counted,
                log,
                balancers.getFirst().port(),
                away,
                () -> publish(other, engine, APPS.getFirst(), "v2")));
      }
      write();
      return reached;
    } finally {
      if (agent != null) {
        agent.destroyForcibly().waitFor();
      }
      balancers.forEach(Balancer::close);
    }
  }

  private static void configure(User user, List<Balancer> balancers, Duration interval)
      throws IOException {
    StringBuilder deploy = new StringBuilder();
    for (int i = 0; i < APPS.size(); i++) {
      deploy.append(
          "'%s': { port: 8080, bake: '1s', drain: '5s', traffic: { %s, url: 'http://127.0.0.1:%d/up' } },"
              .formatted(APPS.get(i), balancers.get(i).keys(), balancers.get(i).port()));
    }
    String apps =
        APPS.stream().map("'%s': ['production']"::formatted).collect(Collectors.joining(", "));
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{ agent: { apps: { %s }, host: 'idle', interval: '%ds' }, deploy: { %s } }"
            .formatted(apps, interval.toSeconds(), deploy));
  }

  private void warmUp(Process agent) throws Exception {
    for (int minute = 1; minute <= WARM_UP.toMinutes(); minute++) {
      long ticks = ticks(agent.pid());
      Thread.sleep(Duration.ofMinutes(1));
      figures.withArray("warm_up_ticks_by_minute").add(ticks(agent.pid()) - ticks);
    }
  }

  private static void publish(User user, TestEngine engine, String app, String version) {
    String reference = "%s:20250701-1200-000000%s".formatted(app, version.substring(1));
    WebImage.build(engine, reference, version);
    user.s3dock("push", reference).ok();
    user.s3dock("promote", reference, "production", "--create").ok();
  }

  private void measure(Process agent, FaultProxy counted, Duration time) throws Exception {
    int before = counted.requests().size();
    long ticks = ticks(agent.pid());
    long start = System.nanoTime();
    double most = 0;
    while (System.nanoTime() - start < time.toNanos()) {
      most = Math.max(most, resident(agent.pid()));
      Thread.sleep(1000);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    double cpu = 100.0 * (ticks(agent.pid()) - ticks) / 100.0 / (took.toMillis() / 1000.0);
    List<FaultProxy.Request> requests = counted.requests();
    requests = requests.subList(before, requests.size());
    Map<String, Long> kinds =
        requests.stream()
            .collect(
                Collectors.groupingBy(IdleMeasurement::kind, TreeMap::new, Collectors.counting()));
    row(
        "resident memory, at most",
        "%.0f MiB".formatted(most),
        "≤ %.0f MiB".formatted(MEMORY_LIMIT),
        most <= MEMORY_LIMIT);
    row(
        "of one core",
        "%.2f %%".formatted(cpu),
        "≤ %.1f %%".formatted(CPU_LIMIT),
        cpu <= CPU_LIMIT);
    requests(kinds, took);
    figures.put("seconds", took.toSeconds());
    figures.put("resident_mib", most);
    figures.put("cpu_percent", cpu);
    figures.set("requests", json.valueToTree(kinds));
  }

  private void without(Duration time, AwayMeasurement seen) {
    row(
        "failed requests of users in %d s without the store".formatted(time.toSeconds()),
        "%d of %,d".formatted(seen.failed(), seen.sent()),
        "0",
        seen.failed() == 0);
    row(
        "the store is back → what was promoted meanwhile is live",
        "%.1f s".formatted(seen.followed().toMillis() / 1000.0),
        "≤ %d s, two intervals and a deployment".formatted(3 * INTERVAL.toSeconds()),
        seen.followed().compareTo(INTERVAL.multipliedBy(3)) <= 0);
    figures
        .putObject("away")
        .put("seconds", time.toSeconds())
        .put("failed", seen.failed())
        .put("sent", seen.sent())
        .put("asked", seen.asked())
        .put("log_lines", seen.lines())
        .put("followed_ms", seen.followed().toMillis());
  }

  private void requests(Map<String, Long> kinds, Duration took) {
    double intervals = took.toMillis() / (double) INTERVAL.toMillis();
    long looks = kinds.getOrDefault("GET pointers", 0L);
    long others = kinds.values().stream().mapToLong(it -> it).sum() - looks;
    long looksLimit = APPS.size() * ((long) intervals + 1);
    long othersLimit = 2L * APPS.size() * (took.dividedBy(REPORTS) + 1);
    row(
        "GET of pointers in %.1f intervals".formatted(intervals),
        "%d, %.2f per interval".formatted(looks, looks / intervals),
        "≤ %d, %d per interval".formatted(looksLimit, APPS.size()),
        looks <= looksLimit);
    row(
        "other requests "
            + kinds.keySet().stream().filter(it -> !it.equals("GET pointers")).toList(),
        String.valueOf(others),
        "≤ " + othersLimit,
        others <= othersLimit);
  }

  private static String kind(FaultProxy.Request request) {
    String[] path = request.target().split("/", 4);
    String query = request.target().contains("list-type=") ? "LIST" : request.method();
    return query + " " + (path.length > 2 ? path[2].replaceAll("[?].*", "") : "");
  }

  private static double resident(long pid) throws IOException {
    Matcher matcher = RESIDENT.matcher(Files.readString(Path.of("/proc/%d/status".formatted(pid))));
    if (!matcher.find()) {
      throw new IOException("the agent has ended");
    }
    return Long.parseLong(matcher.group(1)) / 1024.0;
  }

  /** User and system time in hundredths of a second, as proc(5) has them. */
  private static long ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/%d/stat".formatted(pid)));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private void row(String what, String figure, String limit, boolean holds) {
    reached &= holds;
    table.add(
        "| %s | %s | %s | %s |"
            .formatted(what, figure, limit, holds ? "reached" : "**not reached**"));
  }

  private void write() throws IOException {
    String text =
        "an idle agent of %d apps, looking every %d s, for %d s\n\n| | measured | to reach | |\n|---|---|---|---|\n%s\n"
            .formatted(
                APPS.size(),
                INTERVAL.toSeconds(),
                figures.path("seconds").asLong(),
                String.join("\n", table));
    Files.writeString(RESULTS.resolve("results.md"), text);
    json.writerWithDefaultPrettyPrinter()
        .writeValue(RESULTS.resolve("results.json").toFile(), figures);
    System.out.print(text);
  }
}
