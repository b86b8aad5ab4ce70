package dev.s3dock.deploy.loadbalancer.command;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.image.Printable;
import dev.s3dock.process.Program;
import dev.s3dock.process.Program.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A load balancer of any kind, through a command of the user's: the step is its last argument,
 * facts are in variables, and it answers by its status and a line.
 */
public final class CommandLoadBalancer implements LoadBalancer {
  /** What the names of variables with facts start with. */
  static final String FACTS = "S3DOCK_";

  /** Statuses, after sysexits.h: unavailable, and configuration. All others refuse. */
  private static final int UNAVAILABLE = 69;

  private static final int UNCLEAR = 78;

  /** What a command prints that can send traffic to both sides. */
  private static final String ROLLING = "rolling";

  private static final int MOST_LINES = 3;

  private static final String ADDRESS = "(?:\\[[0-9a-fA-F.:]+]|[0-9.]+):[0-9]{1,5}";
  private static final Pattern LIVE =
      Pattern.compile("(blue|green) (%1$s(?: %1$s)*)".formatted(ADDRESS));

  private final CommandSettings settings;

  public CommandLoadBalancer(CommandSettings settings) {
    this.settings = settings;
  }

  @Override
  public void check(int servers) {
    run("check", Map.of(FACTS + "SERVERS", Integer.toString(servers)));
  }

  /** A command that has never heard of it would fail in the middle of a deployment. */
  @Override
  public void checkSharing(int servers) {
    String answer =
        run(
            "check",
            Map.of(FACTS + "SERVERS", Integer.toString(servers), FACTS + "UPDATE", ROLLING));
    if (!answer.equals(ROLLING)) {
      throw refused(
          "%s does not say that it can send traffic to two sides at once: set update to \"all-at-once\", or let it know the step share, and print `%s` if S3DOCK_UPDATE is %2$s (see docs/traffic-command.md)"
              .formatted(command("check"), ROLLING));
    }
  }

  @Override
  public List<Backend> serving() {
    String answer = run("live", Map.of());
    if (answer.equals("none")) {
      return List.of();
    }
    List<Optional<Backend>> sides =
        answer.lines().map(CommandLoadBalancer::backend).limit(MOST_LINES).toList();
    List<Backend> serving = sides.stream().flatMap(Optional::stream).toList();
    boolean twice = serving.stream().map(Backend::colour).distinct().count() < serving.size();
    if (serving.isEmpty() || serving.size() < sides.size() || twice) {
      throw malformed(
          "live",
          answer,
          "`none`, or a colour and an address such as `green 172.17.0.3:8080`, in a line for each side that gets traffic");
    }
    return serving;
  }

  private static Optional<Backend> backend(String answer) {
    Matcher line = LIVE.matcher(answer);
    if (!line.matches()) {
      return Optional.empty();
    }
    try {
      List<Server> servers =
          Stream.of(line.group(2).split(" ")).map(CommandLoadBalancer::server).toList();
      return Arrays.stream(Colour.values())
          .filter(it -> it.toString().equals(line.group(1)))
          .findFirst()
          .map(it -> new Backend(it, servers));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Server server(String address) {
    int colon = address.lastIndexOf(':');
    return new Server(
        address.substring(0, colon).replaceAll("^\\[|]$", ""),
        Integer.parseInt(address.substring(colon + 1)));
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    Map<String, String> facts = new HashMap<>(facts(FACTS, Optional.of(next)));
    facts.putAll(facts(FACTS + "SPARE_", spare));
    run("direct", facts);
    require("direct", List.of(next));
  }

  @Override
  public void share(Backend next, Backend former) {
    Map<String, String> facts = new HashMap<>(facts(FACTS, Optional.of(next)));
    facts.putAll(facts(FACTS + "FORMER_", Optional.of(former)));
    run("share", facts);
    require("share", List.of(next, former));
  }

  private void require(String step, List<Backend> wanted) {
    List<Backend> serving = serving();
    if (serving.size() != wanted.size() || !serving.containsAll(wanted)) {
      throw refused(
          "%s was run to send traffic to %s and succeeded, but traffic goes to %s: check the steps %s and live of the command"
              .formatted(
                  command(step),
                  told(wanted),
                  serving.isEmpty() ? "no container" : told(serving),
                  step));
    }
  }

  private static String told(List<Backend> backends) {
    return backends.stream().map(Backend::toString).collect(Collectors.joining(" and "));
  }

  @Override
  public OptionalLong inFlight(Backend backend) {
    String answer = run("in-flight", facts(FACTS, Optional.of(backend)));
    if (answer.equals("unknown")) {
      return OptionalLong.empty();
    }
    if (!answer.matches("[0-9]{1,18}")) {
      throw malformed("in-flight", answer, "a number, or `unknown`");
    }
    return OptionalLong.of(Long.parseLong(answer));
  }

  @Override
  public void release(Backend former) {
    run("release", facts(FACTS, Optional.of(former)));
  }

  @Override
  public boolean identifies() {
    return settings.identifies();
  }

  @Override
  public String describe() {
    return "the command `%s`".formatted(String.join(" ", settings.command()));
  }

  /** Empty values if there is none. Of several servers only the list of addresses tells all. */
  private static Map<String, String> facts(String prefix, Optional<Backend> backend) {
    List<Server> servers = backend.map(Backend::servers).orElse(List.of());
    Optional<Server> first = servers.stream().findFirst();
    return Map.of(
        prefix + "COLOUR", backend.map(it -> it.colour().toString()).orElse(""),
        prefix + "HOST", first.map(Server::host).orElse(""),
        prefix + "PORT", first.map(it -> String.valueOf(it.port())).orElse(""),
        prefix + "ADDRESS", first.map(Server::address).orElse(""),
        prefix + "ADDRESSES",
            servers.stream().map(Server::address).collect(Collectors.joining(" ")));
  }

  /** What it printed, without blanks around. */
  private String run(String step, Map<String, String> facts) {
    Map<String, String> environment = new HashMap<>(settings.environment());
    environment.putAll(facts);
    environment.put(FACTS + "STEP", step);
    List<String> command = new ArrayList<>(settings.command());
    command.add(step);
    Outcome outcome =
        run(
            new Program(
                command,
                Program.Environment.with(environment),
                Optional.empty(),
                settings.timeout()));
    if (outcome instanceof Outcome.Ended ended && ended.succeeded()) {
      return ended.output().strip();
    }
    String words =
        String.join("; ", outcome.describe().lines().map(Printable::of).limit(10).toList());
    throw new LoadBalancerException(kind(outcome), "%s failed: %s".formatted(command(step), words));
  }

  private static Kind kind(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Ended ended when ended.status() == UNAVAILABLE -> Kind.UNAVAILABLE;
      case Outcome.Ended ended when ended.status() == UNCLEAR -> Kind.UNCLEAR;
      case Outcome.Ended ended when ended.status() > 128 -> Kind.UNAVAILABLE; // by a signal
      case Outcome.Ended _ -> Kind.REFUSED;
      case Outcome.TimedOut _ -> Kind.UNAVAILABLE;
      case Outcome.NotStarted _ -> Kind.REFUSED;
    };
  }

  private static Outcome run(Program program) {
    try {
      return program.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadBalancerException(Kind.UNAVAILABLE, "interrupted while running " + program, e);
    }
  }

  private String command(String step) {
    return "the traffic command `%s %s`".formatted(String.join(" ", settings.command()), step);
  }

  private LoadBalancerException malformed(String step, String answer, String wanted) {
    return refused(
        "%s printed '%s', but must print %s (see docs/traffic-command.md)"
            .formatted(command(step), Printable.of(answer), wanted));
  }

  private static LoadBalancerException refused(String message) {
    return new LoadBalancerException(Kind.REFUSED, message);
  }
}
