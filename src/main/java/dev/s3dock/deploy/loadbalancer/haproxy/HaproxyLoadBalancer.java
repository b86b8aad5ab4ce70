package dev.s3dock.deploy.loadbalancer.haproxy;

import static dev.s3dock.deploy.loadbalancer.haproxy.HaproxyRuntime.refused;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.host.DurableFile;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * HAProxy over its Runtime API, without a reload: the backend has two servers, {@code blue} and
 * {@code green}, whose address and state are set while it runs. A third one, {@code spare}, comes
 * after them in {@code balance first}, so that it gets only what they could not be handed.
 *
 * <p>HAProxy forgets that when it is restarted or reloaded, unless it finds it in its state file,
 * which is therefore written after each change.
 */
public final class HaproxyLoadBalancer implements LoadBalancer {
  private final HaproxySettings settings;
  private final HaproxyRuntime runtime;
  private final DurableFile stateFile;

  public HaproxyLoadBalancer(HaproxySettings settings) {
    this.settings = settings;
    this.runtime = new HaproxyRuntime(settings);
    this.stateFile = new DurableFile(settings.stateFile());
  }

  @Override
  public void check() {
    String level = runtime.level();
    if (!level.equals("admin")) {
      throw refused(
          "the socket of %s has only the level %s: add `level admin` to the line `stats socket`"
              .formatted(runtime, level));
    }
    Map<String, HaproxyServer> servers = runtime.servers();
    for (Colour colour : Colour.values()) {
      requireName(server(servers, colour));
    }
    requireSpare(servers);
    if (!runtime.backendStatistics().getOrDefault("cookie", "").isEmpty()) {
      throw refused(
          "%s: the backend %s has a cookie, which keeps users on a server that is drained: remove the line `cookie`"
              .formatted(runtime, settings.backend()));
    }
    HaproxyConfiguration configuration = HaproxyConfiguration.read(settings, runtime);
    configuration.requireStateFile(settings, runtime);
    configuration.requireProofHeader(runtime);
    configuration.requireRetries(runtime);
  }

  private void requireSpare(Map<String, HaproxyServer> servers) {
    HaproxyServer spare = spare(servers);
    requireName(spare);
    if (Arrays.stream(Colour.values()).anyMatch(it -> server(servers, it).id() > spare.id())) {
      throw refused(
          "%s: the server spare comes before blue or green in the backend %s: move its line after theirs"
              .formatted(runtime, settings.backend()));
    }
    if (!runtime.backendStatistics().getOrDefault("algo", "").equals("first")) {
      throw refused(
          "%s does not use its servers in order, so the server spare would always get requests: add `balance first` to the backend %s"
              .formatted(runtime, settings.backend()));
    }
    Map<String, Map<String, String>> statistics = runtime.statistics();
    for (HaproxyServer server : servers.values()) {
      Map<String, String> row = statistics.getOrDefault(server.name(), Map.of());
      if (server.colour().isPresent() && !row.getOrDefault("slim", "").isEmpty()) {
        throw refused(
            "%s: the server %s has a maxconn, so requests above it would go to the server spare: remove it, or limit the frontend"
                .formatted(runtime, server.name()));
      }
      if (server.isSpare() && row.getOrDefault("bck", "0").equals("1")) {
        throw refused(
            "%s: the server spare is marked `backup`, so it gets no requests that failed elsewhere: remove that word"
                .formatted(runtime));
      }
    }
  }

  /** HAProxy restores the address of a server from its state file only if it stands as a name. */
  private void requireName(HaproxyServer server) {
    if (server.fqdn().equals("-")) {
      throw refused(
          "%s would lose the address of server %s at a restart: change its line in the backend %s to `server %s %s.s3dock.invalid:80 init-addr last,127.0.0.1 disabled`"
              .formatted(runtime, server.name(), settings.backend(), server.name(), server.name()));
    }
  }

  @Override
  public Optional<Backend> live() {
    List<HaproxyServer> ready = ready(runtime.servers());
    if (ready.isEmpty()) {
      return Optional.empty();
    }
    HaproxyServer only = ready.getFirst();
    Optional<Colour> colour = only.colour();
    if (ready.size() > 1 || colour.isEmpty()) {
      throw new LoadBalancerException(
          Kind.UNCLEAR,
          "%s sends the traffic of backend %s to %s: set all but one of blue and green to `drain`"
              .formatted(runtime, settings.backend(), describe(ready)));
    }
    return Optional.of(new Backend(colour.get(), only.host(), only.port()));
  }

  /**
   * Without those that stand by for others: the spare, and those with the word {@code backup},
   * which get nothing while one is up.
   */
  private List<HaproxyServer> ready(Map<String, HaproxyServer> servers) {
    List<HaproxyServer> ready = new ArrayList<>();
    Map<String, Map<String, String>> statistics = Map.of();
    for (HaproxyServer server : servers.values()) {
      if (server.isSpare()) {
        continue;
      }
      if (server.ready() && server.colour().isEmpty() && statistics.isEmpty()) {
        statistics = runtime.statistics();
      }
      Map<String, String> row = statistics.getOrDefault(server.name(), Map.of());
      if (server.ready() && !row.getOrDefault("bck", "0").equals("1")) {
        ready.add(server);
      }
    }
    ready.sort(Comparator.comparing(HaproxyServer::name));
    return ready;
  }

  private static String describe(List<HaproxyServer> servers) {
    return String.join(
        " and ",
        servers.stream()
            .map(it -> "%s (%s:%d)".formatted(it.name(), it.host(), it.port()))
            .toList());
  }

  private HaproxyServer server(Map<String, HaproxyServer> servers, Colour colour) {
    return server(servers, colour.toString());
  }

  private HaproxyServer spare(Map<String, HaproxyServer> servers) {
    return server(servers, HaproxyServer.SPARE);
  }

  private HaproxyServer server(Map<String, HaproxyServer> servers, String name) {
    HaproxyServer server = servers.get(name);
    if (server == null) {
      throw refused(
          ("%s has no server %s in the backend %s: add `server %s %s.s3dock.invalid:80 init-addr"
                  + " last,127.0.0.1 disabled` (see docs/traffic-haproxy.md)")
              .formatted(runtime, name, settings.backend(), name, name));
    }
    return server;
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    if (next.host().contains(":")) {
      throw runtime.notOurs(next);
    }
    Map<String, HaproxyServer> before = runtime.servers();
    HaproxyServer same = server(before, next.colour());
    HaproxyServer other = server(before, next.colour().other());
    HaproxyServer standby = spare(before);
    requireOnlyOurs(before);
    try {
      bringIn(next, same);
      if (other.ready()) {
        runtime.setState(other.name(), "drain");
      }
      standBy(spare, standby);
      requireLive(next);
      keepState();
      requireLive(next); // a reload just before the file was there has undone it
    } catch (LoadBalancerException e) {
      if (e.kind() != Kind.UNAVAILABLE) {
        restore(List.of(other, same, standby), e);
      }
      throw e;
    }
  }

  private void requireOnlyOurs(Map<String, HaproxyServer> servers) {
    List<HaproxyServer> foreign =
        ready(servers).stream().filter(it -> it.colour().isEmpty()).toList();
    if (!foreign.isEmpty()) {
      throw new LoadBalancerException(
          Kind.UNCLEAR,
          "%s sends traffic of backend %s to %s, which s3dock does not manage: remove it, or mark it"
                  .formatted(runtime, settings.backend(), describe(foreign))
              + " `backup`");
    }
  }

  private void standBy(Optional<Backend> spare, HaproxyServer before) {
    if (before.ready() && !spare.map(before::hasAddressOf).orElse(false)) {
      runtime.setState(before.name(), "maint");
    }
    if (spare.isEmpty()) {
      return;
    }
    runtime.setAddress(before.name(), spare.get().host(), spare.get().port());
    runtime.setState(before.name(), "ready");
    HaproxyServer now = spare(runtime.servers());
    if (!now.hasAddressOf(spare.get()) || !now.ready()) {
      throw refused(
          "%s did not accept %s as standby: its server spare has the address %s:%d, the state %s and the weight %d"
              .formatted(runtime, spare.get(), now.host(), now.port(), now.state(), now.weight()));
    }
  }

  /** The address before the state: never is a server ready at an address that is not meant. */
  private void bringIn(Backend next, HaproxyServer before) {
    if (!before.isAt(next)) {
      runtime.setAddress(before.name(), next.host(), next.port());
    }
    if (!before.ready()) {
      runtime.setState(before.name(), "ready");
    }
    HaproxyServer now = server(runtime.servers(), next.colour());
    if (!now.isAt(next) || !now.ready()) {
      throw refused(
          "%s did not accept %s: its server has the address %s:%d, the state %s and the weight %d"
              .formatted(runtime, next, now.host(), now.port(), now.state(), now.weight()));
    }
    if (!now.up()) {
      throw refused(
          "the health check of %s marks %s as down: see the option `check` of that server"
              .formatted(runtime, next));
    }
  }

  private void requireLive(Backend next) {
    Optional<Backend> live = live();
    if (!live.equals(Optional.of(next))) {
      throw refused(
          "%s was set to send the traffic of backend %s to %s, but sends it to %s: it may have been reloaded meanwhile; try again"
              .formatted(
                  runtime,
                  settings.backend(),
                  next,
                  live.map(Backend::toString).orElse("no container")));
    }
  }

  /** Those that were ready come first, so that there is one at any time. */
  private void restore(List<HaproxyServer> servers, LoadBalancerException reason) {
    try {
      servers.stream()
          .sorted(Comparator.comparing(HaproxyServer::ready).reversed())
          .forEach(this::restore);
    } catch (LoadBalancerException e) {
      reason.addSuppressed(e);
    }
  }

  private void restore(HaproxyServer server) {
    runtime.setAddress(server.name(), server.host(), server.port());
    runtime.setState(server.name(), server.state());
  }

  /** Under a lock: two deployments must not overwrite each other's change by an older state. */
  private void keepState() {
    try {
      stateFile.locked(
          settings.timeout(), () -> stateFile.replace(runtime.allServers().getBytes(UTF_8)));
    } catch (IOException e) {
      throw new LoadBalancerException(
          Kind.REFUSED,
          "the state of %s cannot be written to %s (%s), so its next restart would bring the old"
                  .formatted(runtime, settings.stateFile(), FailureWords.of(e))
              + " backend back: make that folder writable for s3dock, and free some space",
          e);
    }
  }

  @Override
  public OptionalLong inFlight(Backend backend) {
    Map<String, HaproxyServer> servers = runtime.servers();
    if (!server(servers, backend.colour()).isAt(backend)) {
      return OptionalLong.empty();
    }
    Map<String, Map<String, String>> statistics = runtime.statistics();
    long open = 0;
    for (HaproxyServer server : List.of(server(servers, backend.colour()), spare(servers))) {
      String sessions = statistics.getOrDefault(server.name(), Map.of()).getOrDefault("scur", "");
      if (!sessions.matches("[0-9]+")) {
        return OptionalLong.empty();
      }
      open += server.hasAddressOf(backend) ? Long.parseLong(sessions) : 0;
    }
    return OptionalLong.of(open);
  }

  @Override
  public void release(Backend former) {
    Map<String, HaproxyServer> servers = runtime.servers();
    HaproxyServer server = server(servers, former.colour());
    HaproxyServer standby = spare(servers);
    boolean standsBy = standby.hasAddressOf(former) && !standby.state().equals("maint");
    boolean drains = server.isAt(former) && !server.ready() && !server.state().equals("maint");
    if (standsBy) {
      runtime.setState(standby.name(), "maint");
    }
    if (drains) {
      runtime.setState(server.name(), "maint");
    }
    if (standsBy || drains) {
      keepState();
    }
  }

  @Override
  public boolean identifies() {
    return true;
  }

  @Override
  public String describe() {
    return "%s: address and state of the servers blue, green and spare in backend %s, kept in %s"
        .formatted(runtime, settings.backend(), settings.stateFile());
  }
}
