package dev.s3dock.deploy.loadbalancer.haproxy;

import static dev.s3dock.deploy.loadbalancer.haproxy.HaproxyRuntime.refused;

import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Whether a backend of HAProxy has what a deployment needs. There are two forms. With {@code
 * balance first} the spare is the last one in line, which does for one container of each side.
 * Several containers share the requests by another rule; the spares are {@code backup} then, and a
 * server that takes no connection counts as down at once.
 */
final class HaproxyCheck {
  private final HaproxySettings settings;
  private final HaproxyRuntime runtime;

  HaproxyCheck(HaproxySettings settings, HaproxyRuntime runtime) {
    this.settings = settings;
    this.runtime = runtime;
  }

  /**
   * @param count of servers that each side is going to have at the most
   * @throws LoadBalancerException {@code REFUSED}, and says what to add
   */
  void require(int count) {
    String level = runtime.level();
    if (!level.equals("admin")) {
      throw refused(
          "the socket of %s has only the level %s: add `level admin` to the line `stats socket`"
              .formatted(runtime, level));
    }
    Map<String, HaproxyServer> servers = runtime.servers();
    for (String name : names(count)) {
      requireName(servers, name);
    }
    boolean shared = requireRule(servers, count);
    if (!runtime.backendStatistics().getOrDefault("cookie", "").isEmpty()) {
      throw refused(
          "%s: the backend %s has a cookie, which keeps users on a server that is drained: remove the line `cookie`"
              .formatted(runtime, settings.backend()));
    }
    HaproxyConfiguration configuration = HaproxyConfiguration.read(settings, runtime);
    configuration.requireStateFile(settings, runtime);
    configuration.requireProofHeader(runtime);
    configuration.requireRetries(runtime);
    if (shared) {
      configuration.requireMarkedDown(runtime, count);
    }
  }

  private static List<String> names(int count) {
    List<String> names = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      for (Colour colour : Colour.values()) {
        names.add(HaproxyServer.name(colour.toString(), number));
      }
    }
    for (int number = 1; number <= count; number++) {
      names.add(HaproxyServer.name(HaproxyServer.SPARE, number));
    }
    return names;
  }

  /** HAProxy restores the address of a server from its state file only if it stands as a name. */
  private void requireName(Map<String, HaproxyServer> servers, String name) {
    HaproxyServer server = servers.get(name);
    if (server == null) {
      throw missing(settings, runtime, name);
    }
    if (server.fqdn().equals("-")) {
      throw refused(
          "%s would lose the address of server %s at a restart: change its line in the backend %s to `server %s %s.s3dock.invalid:80 init-addr last,127.0.0.1 disabled`"
              .formatted(runtime, server.name(), settings.backend(), server.name(), server.name()));
    }
  }

  static LoadBalancerException missing(
      HaproxySettings settings, HaproxyRuntime runtime, String name) {
    return refused(
        ("%s has no server %s in the backend %s: add `server %s %s.s3dock.invalid:80 init-addr"
                + " last,127.0.0.1 disabled` (see docs/traffic-haproxy.md)")
            .formatted(runtime, name, settings.backend(), name, name));
  }

  /**
   * @return true if requests are shared by a rule for several servers
   */
  private boolean requireRule(Map<String, HaproxyServer> servers, int count) {
    boolean inOrder = runtime.backendStatistics().getOrDefault("algo", "").equals("first");
    Map<String, Map<String, String>> statistics = runtime.statistics();
    boolean spareIsBackup = isBackup(statistics, HaproxyServer.SPARE);
    if (inOrder && count > 1) {
      throw refused(
          "%s uses its servers in order, so one of %d containers would get all requests: replace `balance first` in the backend %s by the lines for several containers (see docs/traffic-haproxy.md)"
              .formatted(runtime, count, settings.backend()));
    }
    boolean shared = !inOrder && (count > 1 || spareIsBackup);
    if (!shared) {
      requireOrder(servers, inOrder);
    }
    for (HaproxyServer server : servers.values()) {
      Map<String, String> row = statistics.getOrDefault(server.name(), Map.of());
      if (server.colour().isPresent() && !row.getOrDefault("slim", "").isEmpty()) {
        throw refused(
            "%s: the server %s has a maxconn, so requests above it would go to the server spare: remove it, or limit the frontend"
                .formatted(runtime, server.name()));
      }
      if (server.isSpare()) {
        requireRole(server, isBackup(statistics, server.name()), shared);
      }
    }
    return shared;
  }

  private static boolean isBackup(Map<String, Map<String, String>> statistics, String name) {
    return statistics.getOrDefault(name, Map.of()).getOrDefault("bck", "0").equals("1");
  }

  private void requireOrder(Map<String, HaproxyServer> servers, boolean inOrder) {
    int spare = idOf(servers, HaproxyServer.SPARE);
    if (Arrays.stream(Colour.values()).anyMatch(it -> idOf(servers, it.toString()) > spare)) {
      throw refused(
          "%s: the server spare comes before blue or green in the backend %s: move its line after theirs"
              .formatted(runtime, settings.backend()));
    }
    if (!inOrder) {
      throw refused(
          "%s does not use its servers in order, so the server spare would always get requests: add `balance first` to the backend %s"
              .formatted(runtime, settings.backend()));
    }
  }

  private int idOf(Map<String, HaproxyServer> servers, String name) {
    HaproxyServer server = servers.get(name);
    if (server == null) {
      throw missing(settings, runtime, name);
    }
    return server.id();
  }

  private void requireRole(HaproxyServer spare, boolean backup, boolean shared) {
    if (backup && !shared) {
      throw refused(
          "%s: the server %s is marked `backup`, so it gets no requests that failed elsewhere: remove that word"
              .formatted(runtime, spare.name()));
    }
    if (!backup && shared) {
      throw refused(
          "%s: the server %s is not marked `backup`, so it would always get requests: add that word to its line in the backend %s"
              .formatted(runtime, spare.name(), settings.backend()));
    }
  }
}
