package dev.s3dock.deploy.loadbalancer.nginx;

import static dev.s3dock.deploy.loadbalancer.nginx.NginxLoadBalancer.refused;

import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.image.Printable;
import dev.s3dock.process.Program;
import dev.s3dock.process.Program.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The program nginx: it tests its configuration, prints it, and passes on the order to reload. */
final class NginxProgram {
  private final NginxSettings settings;

  NginxProgram(NginxSettings settings) {
    this.settings = settings;
  }

  /** Throws nginx's own words if it would not take its configuration as it is now. */
  void test() {
    run(with("-t"), Kind.REFUSED);
  }

  /** Passes on the order; nginx obeys later. */
  void reload() {
    run(settings.reload().orElseGet(() -> with("-s", "reload")), Kind.UNAVAILABLE);
  }

  /** Looks for the lines that docs/traffic-nginx.md asks for in what nginx says it reads. */
  void requireLines() {
    String all = run(with("-T"), Kind.REFUSED).output();
    String text = all.replaceAll("(?m)^\\s*#.*$", "").toLowerCase(Locale.ROOT);
    require(
        NginxState.find(all).isPresent() && text.contains("upstream " + lower(settings.upstream())),
        "the file " + settings.file() + " is not included",
        "include " + settings.file() + ";` in the section `http");
    require(
        text.matches("(?s).*proxy_pass\\s+https?://" + quoted(settings.upstream()) + "[;/$].*"),
        "no proxy_pass uses the upstream " + settings.upstream(),
        "proxy_pass http://" + settings.upstream() + ";");
    require(
        text.contains("$http_x_s3dock_probe"),
        "no map uses the header " + LoadBalancer.PROBE_HEADER,
        "map \"$http_x_s3dock_probe $upstream_addr\" $s3dock_backend { \"~^1 (.*[ ,])?(?<s3dock_last>[^ ,]+)$\" $s3dock_last; }");
    require(
        text.contains("$http_x_s3dock_probe $upstream_addr"),
        "the map does not use the last of several upstream addresses",
        "map \"$http_x_s3dock_probe $upstream_addr\" $s3dock_backend { \"~^1 (.*[ ,])?(?<s3dock_last>[^ ,]+)$\" $s3dock_last; }");
    require(
        text.matches("(?s).*proxy_next_upstream\\s+error\\s+http_503\\s*;.*"),
        "no line says when a request goes to the standby container",
        "proxy_next_upstream error http_503;");
    require(
        text.contains("add_header " + lower(LoadBalancer.BACKEND_HEADER)),
        "the header " + LoadBalancer.BACKEND_HEADER + " is not added",
        "add_header " + LoadBalancer.BACKEND_HEADER + " $s3dock_backend always;");
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static String quoted(String text) {
    return Pattern.quote(lower(text));
  }

  private void require(boolean there, String what, String line) {
    if (!there) {
      throw refused(
          "`%s` shows a configuration of nginx in which %s: add `%s` (see docs/traffic-nginx.md)"
              .formatted(String.join(" ", with("-T")), what, line));
    }
  }

  String testCommand() {
    return String.join(" ", with("-t"));
  }

  private List<String> with(String... options) {
    List<String> command = new ArrayList<>(settings.program());
    command.addAll(List.of(options));
    return command;
  }

  /**
   * @param unfinished what it means if the program did not end in time
   */
  private Outcome.Ended run(List<String> command, Kind unfinished) {
    Program program = Program.of(command, settings.reloadTimeout());
    Outcome outcome = run(program);
    if (outcome instanceof Outcome.Ended ended && ended.succeeded()) {
      return ended;
    }
    throw new LoadBalancerException(
        outcome instanceof Outcome.TimedOut ? unfinished : Kind.REFUSED,
        "%s failed: %s. Check the configuration of nginx, and that s3dock may run this command"
            .formatted(program, printable(outcome.describe())));
  }

  private static Outcome run(Program program) {
    try {
      return program.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadBalancerException(Kind.UNAVAILABLE, "interrupted while running " + program, e);
    }
  }

  private static String printable(String words) {
    return String.join("; ", words.lines().map(Printable::of).limit(10).toList());
  }
}
