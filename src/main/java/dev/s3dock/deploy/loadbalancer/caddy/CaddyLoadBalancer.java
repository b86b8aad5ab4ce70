package dev.s3dock.deploy.loadbalancer.caddy;

import static dev.s3dock.deploy.loadbalancer.caddy.CaddyAdmin.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.LocalProcess;
import dev.s3dock.deploy.loadbalancer.TcpSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Caddy through its admin API: the upstreams of one handler {@code reverse_proxy} are replaced.
 * Caddy saves its configuration by itself and finds it again if it is started with {@code
 * --resume}.
 *
 * <p>An upstream has an {@code @id} with its colour, for it has no other name. The first one is
 * live, and a second one stands by.
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
  public void check() {
    ObjectNode handler = admin.handler().value();
    if (handler.has("dynamic_upstreams")) {
      throw refused(
          "%s: the handler with the @id \"%s\" has dynamic_upstreams, which override the upstreams that s3dock sets: remove them"
              .formatted(admin, settings.id()));
    }
    requireSpare(handler);
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
  private void requireSpare(ObjectNode handler) {
    requirePart(
        handler.at("/load_balancing/selection_policy/policy").asText().equals("first"),
        "\"load_balancing\": {\"selection_policy\": {\"policy\": \"first\"}}");
    requirePart(
        !handler.at("/load_balancing/try_duration").isMissingNode(),
        "\"load_balancing\": {\"try_duration\": \"5s\", \"try_interval\": \"20ms\"}");
    requirePart(
        !handler.at("/health_checks/passive/fail_duration").isMissingNode(),
        "\"health_checks\": {\"passive\": {\"fail_duration\": \"500ms\"}}");
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
  public Optional<Backend> live() {
    JsonNode upstreams = admin.handler().value().path(UPSTREAMS);
    if (upstreams.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Optional.of(upstreams)
            .filter(it -> it.size() == 1 || (it.size() == 2 && spare(it).isPresent()))
            .flatMap(it -> backend(it.get(0), ""))
            .orElseThrow(
                () ->
                    new LoadBalancerException(
                        Kind.UNCLEAR,
                        "%s sends traffic of the handler \"%s\" to %s, which no deployment has set: deploy again to set it"
                            .formatted(admin, settings.id(), upstreams))));
  }

  private Optional<Backend> spare(JsonNode upstreams) {
    return backend(upstreams.path(1), SPARE);
  }

  /**
   * @param role how its @id ends
   */
  private Optional<Backend> backend(JsonNode upstream, String role) {
    String dial = upstream.path("dial").asText();
    int colon = dial.lastIndexOf(':');
    try {
      return Arrays.stream(Colour.values())
          .filter(it -> upstream.path(ID).asText().equals(idOf(it) + role))
          .findFirst()
          .map(
              it ->
                  new Backend(
                      it,
                      dial.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", ""),
                      Integer.parseInt(dial.substring(colon + 1))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private String idOf(Colour colour) {
    return settings.id() + ":" + colour;
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    set(next, spare);
  }

  /** Nothing but the upstreams: the policy {@code first} asks them in their order. */
  private void set(Backend next, Optional<Backend> spare) {
    for (int i = 0; i < CaddyAdmin.TRIES; i++) {
      CaddyAdmin.Part part = admin.handler();
      ArrayNode upstreams = part.value().arrayNode();
      upstreams.addObject().put(ID, idOf(next.colour())).put("dial", next.address());
      if (spare.isPresent()) {
        upstreams
            .addObject()
            .put(ID, idOf(spare.get().colour()) + SPARE)
            .put("dial", spare.get().address());
      }
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

  private void requireLive(Backend next) {
    Optional<Backend> live = live();
    if (!live.equals(Optional.of(next))) {
      throw refused(
          "%s was set to send traffic to %s, but sends it to %s: somebody else may have loaded a configuration; try again"
              .formatted(admin, next, live.map(Backend::toString).orElse("no container")));
    }
  }

  /** Caddy forgets an upstream as soon as its configuration does; its connections tell the rest. */
  @Override
  public OptionalLong inFlight(Backend backend) {
    for (JsonNode upstream : admin.upstreams()) {
      if (upstream.path("address").asText().equals(backend.address())
          && upstream.path("num_requests").canConvertToLong()) {
        return OptionalLong.of(upstream.path("num_requests").asLong());
      }
    }
    return LocalProcess.isHere("caddy") ? TcpSockets.connectionsTo(backend) : OptionalLong.empty();
  }

  /** Takes away who stands by. What is not an upstream is not known to Caddy. */
  @Override
  public void release(Backend former) {
    JsonNode upstreams = admin.handler().value().path(UPSTREAMS);
    Optional<Backend> live = backend(upstreams.path(0), "");
    if (spare(upstreams).equals(Optional.of(former)) && live.isPresent()) {
      set(live.get(), Optional.empty());
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
