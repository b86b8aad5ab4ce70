package dev.s3dock.deploy.loadbalancer.caddy;

import static dev.s3dock.deploy.loadbalancer.caddy.CaddyAdmin.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.LocalProcess;
import dev.s3dock.deploy.loadbalancer.TcpSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Caddy through its admin API: the upstreams of one handler {@code reverse_proxy} are replaced.
 * Caddy saves its configuration by itself and finds it again if it is started with {@code
 * --resume}.
 *
 * <p>An upstream has an {@code @id} with its colour, for it has no other name. Those of one colour
 * are live, or of both while they share the traffic, and after them others may stand by.
 */
public final class CaddyLoadBalancer implements LoadBalancer {
  /** Documentation/networking/ip-sysctl.rst of the kernel. */
  private static final Path MIGRATION = Path.of("/proc/sys/net/ipv4/tcp_migrate_req");

  private static final String UPSTREAMS = "upstreams";
  private static final String ID = "@id";
  private static final String SPARE = ":spare";

  private final CaddySettings settings;
  private final CaddyAdmin admin;

  public CaddyLoadBalancer(CaddySettings settings) {
    this.settings = settings;
    this.admin = new CaddyAdmin(settings);
  }

  @Override
  public void check(int servers) {
    ObjectNode handler = admin.handler().value();
    if (handler.has("dynamic_upstreams")) {
      throw refused(
          "%s: the handler with the @id \"%s\" has dynamic_upstreams, which override the upstreams that s3dock sets: remove them"
              .formatted(admin, settings.id()));
    }
    requirePolicy(handler, servers);
    JsonNode configuration = admin.configuration();
    if (!configuration.at("/admin/config/persist").asBoolean(true)) {
      throw refused(
          "%s does not save its configuration, so a restart would undo a deployment: remove \"persist\": false from admin.config"
              .formatted(admin));
    }
    requireMigration();
    String text = configuration.toString().toLowerCase(Locale.ROOT);
    if (!text.contains(BACKEND_HEADER.toLowerCase(Locale.ROOT))
        || !text.contains(PROBE_HEADER.toLowerCase(Locale.ROOT))) {
      throw refused(
          "%s has no route that answers %s with %s: add the one of docs/traffic-caddy.md before the app's"
              .formatted(admin, PROBE_HEADER, BACKEND_HEADER));
    }
  }

  /** What lets a request that meets a dead upstream go to the one after it. */
  private void requirePolicy(ObjectNode handler, int servers) {
    if (servers == 1) {
      requirePart(
          isInOrder(handler),
          "\"load_balancing\": {\"selection_policy\": {\"policy\": \"first\"}}");
    } else if (isInOrder(handler)) {
      throw refused(
          "%s: the handler with the @id \"%s\" uses its upstreams in order, so one of %d containers would get all requests: set \"load_balancing\": {\"selection_policy\": {\"policy\": \"round_robin\"}} (see docs/traffic-caddy.md)"
              .formatted(admin, settings.id(), servers));
    }
    requirePart(
        !handler.at("/load_balancing/try_duration").isMissingNode(),
        "\"load_balancing\": {\"try_duration\": \"5s\", \"try_interval\": \"20ms\"}");
    requirePart(
        !handler.at("/health_checks/passive/fail_duration").isMissingNode(),
        "\"health_checks\": {\"passive\": {\"fail_duration\": \"500ms\"}}");
  }

  /** Another policy would send requests to who stands by. */
  private static boolean isInOrder(JsonNode handler) {
    return handler.at("/load_balancing/selection_policy/policy").asText().equals("first");
  }

  private void requirePart(boolean there, String part) {
    if (!there) {
      throw refused(
          "%s: the handler with the @id \"%s\" would send the standby container no requests, or all of them: add %s (see docs/traffic-caddy.md)"
              .formatted(admin, settings.id(), part));
    }
  }

  /**
   * Each change of its configuration makes Caddy open its ports anew beside the old ones
   * (SO_REUSEPORT). The kernel resets connections that wait at the old one, unless told to move
   * them.
   */
  private void requireMigration() {
    try {
      if (LocalProcess.isHere("caddy") && Files.readString(MIGRATION).strip().equals("0")) {
        throw refused(
            "a change of the configuration of %s would reset new connections: run `sysctl -w net.ipv4.tcp_migrate_req=1` on this host, and put that line into /etc/sysctl.d"
                .formatted(admin));
      }
    } catch (IOException e) {
      // before Linux 5.14, see the limits in docs/traffic-caddy.md
    }
  }

  @Override
  public List<Backend> serving() {
    JsonNode upstreams = admin.handler().value().path(UPSTREAMS);
    if (upstreams.isEmpty()) {
      return List.of();
    }
    List<Backend> live = sides(upstreams, "");
    long known =
        Stream.concat(live.stream(), spare(upstreams).stream())
            .mapToLong(it -> it.servers().size())
            .sum();
    if (live.isEmpty() || known != upstreams.size()) {
      throw new LoadBalancerException(
          Kind.UNCLEAR,
          "%s sends traffic of the handler \"%s\" to %s, which no deployment has set: deploy again to set it"
              .formatted(admin, settings.id(), upstreams));
    }
    return live;
  }

  private Optional<Backend> spare(JsonNode upstreams) {
    return sides(upstreams, SPARE).stream().findFirst();
  }

  /**
   * The upstreams of a role, by their colour.
   *
   * @param role how their @id ends
   */
  private List<Backend> sides(JsonNode upstreams, String role) {
    Map<Colour, List<Server>> found = new EnumMap<>(Colour.class);
    for (JsonNode upstream : upstreams) {
      for (Colour colour : Colour.values()) {
        List<Server> servers = found.getOrDefault(colour, List.of());
        if (upstream.path(ID).asText().equals(idOf(colour, servers.size() + 1) + role)) {
          server(upstream.path("dial").asText())
              .ifPresent(it -> found.computeIfAbsent(colour, _ -> new ArrayList<>()).add(it));
        }
      }
    }
    return found.entrySet().stream()
        .filter(it -> Set.copyOf(it.getValue()).size() == it.getValue().size())
        .map(it -> new Backend(it.getKey(), it.getValue()))
        .toList();
  }

  private static Optional<Server> server(String dial) {
    int colon = dial.lastIndexOf(':');
    try {
      return Optional.of(
          new Server(
              dial.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", ""),
              Integer.parseInt(dial.substring(colon + 1))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * @param number among the upstreams of its colour, from 1; an @id stands for one thing only
   */
  private String idOf(Colour colour, int number) {
    return settings.id() + ":" + colour + (number == 1 ? "" : "-" + number);
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    set(List.of(next), spare);
  }

  @Override
  public void share(Backend next, Backend former) {
    set(List.of(next, former), Optional.empty());
  }

  /**
   * Nothing but the upstreams: the policy {@code first} asks them in their order. Any other one
   * would send requests to a spare, so nobody stands by.
   */
  private void set(List<Backend> next, Optional<Backend> spare) {
    for (int i = 0; i < CaddyAdmin.TRIES; i++) {
      CaddyAdmin.Part part = admin.handler();
      ArrayNode upstreams = part.value().arrayNode();
      next.forEach(it -> add(it, "", upstreams));
      spare.filter(_ -> isInOrder(part.value())).ifPresent(it -> add(it, SPARE, upstreams));
      if (upstreams.equals(part.value().path(UPSTREAMS))) {
        return;
      }
      part.value().set(UPSTREAMS, upstreams);
      CaddyListeners former = CaddyListeners.of(admin.configuration());
      if (admin.replaceHandler(part)) {
        former.awaitReplaced(settings.timeout(), admin.toString());
        requireLive(next);
        return;
      }
    }
    throw new LoadBalancerException(
        Kind.UNAVAILABLE,
        "%s could not be changed in %d attempts: somebody else changed it at the same time, or it closed the connection; try again later"
            .formatted(admin, CaddyAdmin.TRIES));
  }

  private void add(Backend backend, String role, ArrayNode upstreams) {
    int number = 0;
    for (Server server : backend.servers()) {
      upstreams
          .addObject()
          .put(ID, idOf(backend.colour(), ++number) + role)
          .put("dial", server.address());
    }
  }

  private void requireLive(List<Backend> next) {
    List<Backend> live = serving();
    if (live.size() != next.size() || !live.containsAll(next)) {
      throw refused(
          "%s was set to send traffic to %s, but sends it to %s: somebody else may have loaded a configuration; try again"
              .formatted(admin, told(next), live.isEmpty() ? "no container" : told(live)));
    }
  }

  private static String told(List<Backend> backends) {
    return backends.stream().map(Backend::toString).collect(Collectors.joining(" and "));
  }

  /** Caddy forgets an upstream as soon as its configuration does; its connections tell the rest. */
  @Override
  public OptionalLong inFlight(Backend backend) {
    Map<String, Long> counted = new HashMap<>();
    for (JsonNode upstream : admin.upstreams()) {
      String address = upstream.path("address").asText();
      if (backend.hasServerAt(address) && upstream.path("num_requests").canConvertToLong()) {
        counted.put(address, upstream.path("num_requests").asLong());
      }
    }
    if (counted.size() == backend.servers().size()) {
      return OptionalLong.of(counted.values().stream().mapToLong(it -> it).sum());
    }
    return LocalProcess.isHere("caddy") ? TcpSockets.connectionsTo(backend) : OptionalLong.empty();
  }

  /** Takes away who stands by. What is not an upstream is not known to Caddy. */
  @Override
  public void release(Backend former) {
    JsonNode upstreams = admin.handler().value().path(UPSTREAMS);
    List<Backend> live = sides(upstreams, "");
    if (spare(upstreams).filter(former::sharesServerWith).isPresent() && !live.isEmpty()) {
      set(live, Optional.empty());
    }
  }

  @Override
  public boolean identifies() {
    return true;
  }

  @Override
  public String describe() {
    return "%s: upstreams of the handler \"%s\"".formatted(admin, settings.id());
  }
}
