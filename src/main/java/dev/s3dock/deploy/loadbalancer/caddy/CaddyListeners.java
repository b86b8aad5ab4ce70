package dev.s3dock.deploy.loadbalancer.caddy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.LocalProcess;
import dev.s3dock.deploy.loadbalancer.TcpSockets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sockets at which Caddy accepts connections, before a change of its configuration. It answers
 * the change while the server of the former configuration may still accept some at the old sockets,
 * beside the new ones.
 *
 * @param ports where Caddy listens; none if it is not seen here
 * @param sockets there before the change: inodes by local address
 */
record CaddyListeners(Set<Integer> ports, Map<String, Set<String>> sockets) {
  private static final Duration AGAIN = Duration.ofMillis(2);

  /** {@code :80}, {@code host:80}, {@code tcp/host:80} or a range {@code :80-89}. */
  private static final Pattern PORTS = Pattern.compile(".*:([0-9]{1,5})(?:-([0-9]{1,5}))?");

  static CaddyListeners of(JsonNode configuration) {
    Set<Integer> ports = new HashSet<>();
    if (LocalProcess.isHere("caddy")) {
      for (JsonNode server : configuration.at("/apps/http/servers")) {
        server.path("listen").forEach(it -> add(it.asText(), ports));
      }
    }
    return new CaddyListeners(ports, TcpSockets.listenersAt(ports));
  }

  private static void add(String address, Set<Integer> ports) {
    Matcher range = PORTS.matcher(address);
    if (range.matches()) {
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      for (int port = first; port <= Math.min(last, 65535); port++) {
        ports.add(port);
      }
    }
  }

  /**
   * Returns when the old sockets are closed. A Caddy that keeps its sockets, as those before 2.6
   * do, has no new ones, and is not waited for.
   */
  void awaitReplaced(Duration deadline, String caddy) {
    long end = System.nanoTime() + deadline.toNanos();
    while (oldBesideNew()) {
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        throw new LoadBalancerException(
            Kind.UNAVAILABLE,
            "%s loaded its new configuration, but still accepts connections with the old one after %d ms: check its log"
                .formatted(caddy, deadline.toMillis()));
      }
      LockSupport.parkNanos(AGAIN.toNanos());
    }
  }

  /** At an address where nothing is new, others than Caddy may listen. */
  private boolean oldBesideNew() {
    return TcpSockets.listenersAt(ports).entrySet().stream()
        .anyMatch(
            now -> {
              Set<String> old = sockets.getOrDefault(now.getKey(), Set.of());
              return !old.containsAll(now.getValue()) && !Collections.disjoint(old, now.getValue());
            });
  }
}
