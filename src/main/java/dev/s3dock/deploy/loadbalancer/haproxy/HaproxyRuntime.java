package dev.s3dock.deploy.loadbalancer.haproxy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The questions and orders of HAProxy's Runtime API (its management guide, section 9.3) that are
 * needed here. HAProxy has no status for failures: what it says is compared with what it says when
 * all is well.
 */
final class HaproxyRuntime {
  private final HaproxySettings settings;
  private final Endpoint endpoint;

  HaproxyRuntime(HaproxySettings settings) {
    this.settings = settings;
    this.endpoint = new Endpoint(settings.socket());
  }

  @Override
  public String toString() {
    return "HAProxy at " + endpoint.text();
  }

  /** The servers of the backend, by name. */
  Map<String, HaproxyServer> servers() {
    String answer = table("show servers state " + settings.backend());
    try {
      return HaproxyServer.parse(answer).stream()
          .collect(Collectors.toMap(HaproxyServer::name, Function.identity()));
    } catch (IllegalArgumentException e) {
      throw refused(
          "%s lists its servers in an unknown form: %s".formatted(this, FailureWords.of(e)));
    }
  }

  /** All servers of all backends, as HAProxy reads them when it starts. */
  String allServers() {
    return table("show servers state");
  }

  private String table(String command) {
    String answer = ask(command);
    if (!answer.startsWith("1\n# ")) {
      throw refused(
          ("%s refuses `%s`: %s. Name the section that has the servers blue and green, and give its"
                  + " socket `level admin`")
              .formatted(this, command, said(answer)));
    }
    return answer;
  }

  /** Cells of {@code show stat} for the servers of the backend, by server and column. */
  Map<String, Map<String, String>> statistics() {
    return stat(4);
  }

  /** Cells for the backend as a whole. */
  Map<String, String> backendStatistics() {
    return stat(2).getOrDefault("BACKEND", Map.of());
  }

  private Map<String, Map<String, String>> stat(int type) {
    String command = "show stat %s %d -1".formatted(settings.backend(), type);
    String answer = ask(command);
    if (!answer.startsWith("# pxname,")) {
      throw refused("%s refuses `%s`: %s".formatted(this, command, said(answer)));
    }
    return HaproxyStatistics.parse(answer);
  }

  void setAddress(String server, String host, int port) {
    String command = "set server %s addr %s port %d".formatted(path(server), host, port);
    String answer = ask(command);
    if (!answer.startsWith("IP changed")
        && !answer.startsWith("no need to change")
        && !answer.startsWith("nothing changed")) {
      throw refused("%s refuses `%s`: %s".formatted(this, command, said(answer)));
    }
  }

  /**
   * @param state ready, drain or maint
   */
  void setState(String server, String state) {
    String command = "set server %s state %s".formatted(path(server), state);
    String answer = ask(command);
    if (!answer.isBlank()) {
      throw refused("%s refuses `%s`: %s".formatted(this, command, said(answer)));
    }
  }

  private String path(String server) {
    return settings.backend() + "/" + server;
  }

  String level() {
    return ask("show cli level").strip();
  }

  /** Paths of the configuration, as HAProxy was given them. */
  List<String> configurationFiles() {
    String name = "HAPROXY_CFGFILES=";
    String answer = ask("show env HAPROXY_CFGFILES").strip();
    return answer.startsWith(name)
        ? List.of(answer.substring(name.length()).split(";"))
        : List.of();
  }

  private String ask(String command) {
    return endpoint.ask(
        command,
        settings.timeout(),
        "HAProxy",
        "check that it runs, and that its global section has `stats socket %s level admin`"
            .formatted(endpoint.text()));
  }

  private static String said(String answer) {
    String words = Printable.of(answer.strip());
    return words.isEmpty() ? "no answer" : "\"" + words + "\"";
  }

  static LoadBalancerException refused(String message) {
    return new LoadBalancerException(Kind.REFUSED, message);
  }

  LoadBalancerException notOurs(Backend backend) {
    return refused(
        "%s: %s is not an IPv4 address, and this driver supports only IPv4"
            .formatted(this, backend));
  }
}
