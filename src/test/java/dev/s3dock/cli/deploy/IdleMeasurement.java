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
  private static final Duration REPORTS = Duration.ofMinutes(5);
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final double MEMORY_LIMIT = 128;
  private static final double CPU_LIMIT = 0.2;

  private final List<String> table = new ArrayList<>();
  private boolean reached = true;

  /** For how many minutes, and the launcher of s3dock. */
  public static void main(String... args) throws Exception {
    Duration time = Duration.ofSeconds(Math.round(60 * Double.parseDouble(args[0])));
    System.exit(new IdleMeasurement().run(time, Path.of(args[1]).toAbsolutePath()) ? 0 : 1);
  }

  private boolean run(Duration time, Path launcher) throws Exception {
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
      configure(user, balancers);
      APPS.forEach(app -> publish(user, engine, app));
      user.with("AWS_ENDPOINT_URL", counted.endpoint().toString());
      Path log = RESULTS.resolve("agent.log").toAbsolutePath();
      agent = user.start(launcher, log, "agent");
      Eventually.holds(
          Duration.ofMinutes(5),
          "all is live",
          () ->
              Files.readString(log).lines().filter(it -> it.contains(" live ")).count()
                  == APPS.size());
      Thread.sleep(
          INTERVAL.multipliedBy(2)); // what a deployment leaves to the collector and the compiler
      measure(agent, counted, time);
      return reached;
    } finally {
      if (agent != null) {
        agent.destroyForcibly().waitFor();
      }
      balancers.forEach(Balancer::close);
    }
  }

  private static void configure(User user, List<Balancer> balancers) throws IOException {
    StringBuilder deploy = new StringBuilder();
    for (int i = 0; i < APPS.size(); i++) {
      deploy.append(
          "'%s': { port: 8080, bake: '1s', traffic: { %s, url: 'http://127.0.0.1:%d/up' } },"
              .formatted(APPS.get(i), balancers.get(i).keys(), balancers.get(i).port()));
    }
    String apps =
        APPS.stream().map("'%s': ['production']"::formatted).collect(Collectors.joining(", "));
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{ agent: { apps: { %s }, host: 'idle', interval: '%ds' }, deploy: { %s } }"
            .formatted(apps, INTERVAL.toSeconds(), deploy));
  }

  private static void publish(User user, TestEngine engine, String app) {
    String reference = app + ":20250701-1200-0000001";
    WebImage.build(engine, reference, "v1");
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
    write(kinds, took, most, cpu);
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

  private void write(Map<String, Long> kinds, Duration took, double most, double cpu)
      throws IOException {
    String text =
        "an idle agent of %d apps, looking every %d s, for %d s\n\n| | measured | to reach | |\n|---|---|---|---|\n%s\n"
            .formatted(
                APPS.size(), INTERVAL.toSeconds(), took.toSeconds(), String.join("\n", table));
    Files.writeString(RESULTS.resolve("results.md"), text);
    ObjectMapper json = new ObjectMapper();
    ObjectNode figures = json.createObjectNode();
    figures.put("seconds", took.toSeconds());
    figures.put("resident_mib", most);
    figures.put("cpu_percent", cpu);
    figures.set("requests", json.valueToTree(kinds));
    json.writerWithDefaultPrettyPrinter()
        .writeValue(RESULTS.resolve("results.json").toFile(), figures);
    System.out.print(text);
  }
}
