package dev.s3dock.deploy.loadbalancer.haproxy;

import static dev.s3dock.deploy.loadbalancer.haproxy.HaproxyRuntime.refused;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.host.DurableFile;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * HAProxy over its Runtime API, without a reload: the backend has two servers, {@code blue} and
 * {@code green}, whose address and state are set while it runs. A third one, {@code spare}, comes
 * after them in {@code balance first}, so that it gets only what they could not be handed. For
 * several containers there are {@code blue-2}, {@code green-2}, {@code spare-2} and so on, see
 * {@link HaproxyCheck}.
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
  public void check(int servers) {
    new HaproxyCheck(settings, runtime).require(servers);
  }

  @Override
  public List<Backend> serving() {
    List<HaproxyServer> ready = ready(runtime.servers());
    if (ready.stream().anyMatch(it -> it.colour().isEmpty())) {
      throw new LoadBalancerException(
          Kind.UNCLEAR,
          "%s sends the traffic of backend %s to %s: set all but blue or green to `drain`"
              .formatted(runtime, settings.backend(), describe(ready)));
    }
    return Arrays.stream(Colour.values()).flatMap(it -> side(it, ready).stream()).toList();
  }

  private static Optional<Backend> side(Colour colour, List<HaproxyServer> ready) {
    List<Server> servers =
        ready.stream()
            .filter(it -> it.colour().equals(Optional.of(colour)))
            .map(it -> new Server(it.host(), it.port()))
            .distinct()
            .toList();
    return servers.isEmpty() ? Optional.empty() : Optional.of(new Backend(colour, servers));
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
    ready.sort(Comparator.comparing(HaproxyServer::role).thenComparingInt(HaproxyServer::number));
    return ready;
  }

  private static String describe(List<HaproxyServer> servers) {
    return String.join(
        " and ",
        servers.stream()
            .map(it -> "%s (%s:%d)".formatted(it.name(), it.host(), it.port()))
            .toList());
  }

  /** Those of a role, in their order. */
  private static List<HaproxyServer> of(Map<String, HaproxyServer> servers, String role) {
    return servers.values().stream()
        .filter(it -> it.role().equals(role))
        .sorted(Comparator.comparingInt(HaproxyServer::number))
        .toList();
  }

  private HaproxyServer server(Map<String, HaproxyServer> servers, String name) {
    HaproxyServer server = servers.get(name);
    if (server == null) {
      throw HaproxyCheck.missing(settings, runtime, name);
    }
    return server;
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    requireIpv4(next);
    Map<String, HaproxyServer> before = runtime.servers();
    List<HaproxyServer> same = new ArrayList<>();
    for (int number = 1; number <= next.servers().size(); number++) {
      same.add(server(before, HaproxyServer.name(next.colour().toString(), number)));
    }
    server(before, next.colour().other().toString());
    change(
        before,
        () -> {
          for (int i = 0; i < same.size(); i++) {
            bringIn(next, next.servers().get(i), same.get(i));
          }
          drainAllBut(same, before);
          standBy(spare, of(before, HaproxyServer.SPARE));
        },
        () -> requireLive(next));
  }

  /** The former ones stand by, too: as long as somebody does, HAProxy repeats what broke off. */
  @Override
  public void share(Backend next, Backend former) {
    requireIpv4(next);
    requireIpv4(former);
    Map<String, HaproxyServer> before = runtime.servers();
    List<HaproxyPlace> places = new ArrayList<>(places(next, before));
    places.addAll(places(former, before));
    change(
        before,
        () -> {
          for (HaproxyPlace place : places) {
            if (!place.serves()) { // what serves may have fallen ill, and others answer for it
              bringIn(place.side(), place.at(), place.server());
            }
          }
          drainAllBut(places.stream().map(HaproxyPlace::server).toList(), before);
          standBy(Optional.of(former), of(before, HaproxyServer.SPARE));
        },
        () -> requireShared(next, former));
  }

  private List<HaproxyPlace> places(Backend side, Map<String, HaproxyServer> before) {
    List<HaproxyServer> all = of(before, side.colour().toString());
    List<HaproxyPlace> places = HaproxyPlace.of(side, all);
    if (places.size() < side.servers().size()) {
      throw HaproxyCheck.missing(
          settings, runtime, HaproxyServer.name(side.colour().toString(), all.size() + 1));
    }
    return places;
  }

  private void requireIpv4(Backend backend) {
    if (backend.servers().stream().anyMatch(it -> it.host().contains(":"))) {
      throw runtime.notOurs(backend);
    }
  }

  /** Makes a change, keeps it, and undoes it if HAProxy refuses a part of it. */
  private void change(Map<String, HaproxyServer> before, Runnable orders, Runnable check) {
    server(before, HaproxyServer.SPARE);
    requireOnlyOurs(before);
    try {
      orders.run();
      check.run();
      keepState();
      check.run(); // a reload just before the file was there has undone it
    } catch (LoadBalancerException e) {
      if (e.kind() != Kind.UNAVAILABLE) {
        restore(before.values(), e);
      }
      throw e;
    }
  }

  private void drainAllBut(List<HaproxyServer> those, Map<String, HaproxyServer> before) {
    before.values().stream()
        .filter(it -> it.colour().isPresent() && it.ready() && !those.contains(it))
        .sorted(Comparator.comparingInt(HaproxyServer::number))
        .forEach(it -> runtime.setState(it.name(), "drain"));
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

  /** As many as there are servers for. */
  private void standBy(Optional<Backend> spare, List<HaproxyServer> before) {
    List<Server> wanted = spare.map(Backend::servers).orElse(List.of());
    for (int i = 0; i < before.size(); i++) {
      standBy(
          i < wanted.size() ? Optional.of(wanted.get(i)) : Optional.empty(), spare, before.get(i));
    }
  }

  private void standBy(Optional<Server> at, Optional<Backend> spare, HaproxyServer before) {
    if (before.ready() && !at.map(before::isAt).orElse(false)) {
      runtime.setState(before.name(), "maint");
    }
    if (at.isEmpty()) {
      return;
    }
    runtime.setAddress(before.name(), at.get().host(), at.get().port());
    runtime.setState(before.name(), "ready");
    HaproxyServer now = server(runtime.servers(), before.name());
    if (!now.isAt(at.get()) || !now.ready()) {
      throw refused(
          "%s did not accept %s as standby: its server %s has the address %s:%d, the state %s and the weight %d"
              .formatted(
                  runtime,
                  spare.orElseThrow(),
                  now.name(),
                  now.host(),
                  now.port(),
                  now.state(),
                  now.weight()));
    }
  }

  /** The address before the state: never is a server ready at an address that is not meant. */
  private void bringIn(Backend next, Server at, HaproxyServer before) {
    if (!before.isAt(at)) {
      runtime.setAddress(before.name(), at.host(), at.port());
    }
    if (!before.ready()) {
      runtime.setState(before.name(), "ready");
    }
    HaproxyServer now = server(runtime.servers(), before.name());
    if (!now.isAt(at) || !now.ready()) {
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
    List<Backend> serving = serving();
    if (!serving.equals(List.of(next))) {
      throw undone(List.of(next), serving);
    }
  }

  private void requireShared(Backend next, Backend former) {
    List<Backend> serving = serving();
    if (serving.size() != 2
        || serving.stream()
            .anyMatch(it -> !it.hasSameServersAs(it.colour() == next.colour() ? next : former))) {
      throw undone(List.of(next, former), serving);
    }
  }

  private LoadBalancerException undone(List<Backend> wanted, List<Backend> serving) {
    return refused(
        "%s was set to send the traffic of backend %s to %s, but sends it to %s: it may have been reloaded meanwhile; try again"
            .formatted(
                runtime,
                settings.backend(),
                told(wanted),
                serving.isEmpty() ? "no container" : told(serving)));
  }

  private static String told(List<Backend> backends) {
    return String.join(" and ", backends.stream().map(Backend::toString).toList());
  }

  /** Those that were ready come first, so that there is one at any time. */
  private void restore(Collection<HaproxyServer> servers, LoadBalancerException reason) {
    try {
      servers.stream()
          .filter(it -> !it.role().isEmpty())
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
    List<HaproxyServer> side = of(servers, backend.colour().toString());
    if (!backend.servers().stream().allMatch(at -> side.stream().anyMatch(it -> it.isAt(at)))) {
      return OptionalLong.empty();
    }
    Map<String, Map<String, String>> statistics = runtime.statistics();
    long open = 0;
    for (HaproxyServer server : servers.values()) {
      if ((!server.isSpare() && !side.contains(server)) || !server.isOneOf(backend)) {
        continue;
      }
      String sessions = statistics.getOrDefault(server.name(), Map.of()).getOrDefault("scur", "");
      if (!sessions.matches("[0-9]+")) {
        return OptionalLong.empty();
      }
      open += Long.parseLong(sessions);
    }
    return OptionalLong.of(open);
  }

  @Override
  public void release(Backend former) {
    List<String> over =
        runtime.servers().values().stream()
            .filter(it -> it.isOneOf(former) && !it.state().equals("maint"))
            .filter(
                it -> it.isSpare() || (!it.ready() && it.role().equals(former.colour().toString())))
            .sorted(Comparator.comparing(HaproxyServer::isSpare).reversed())
            .map(HaproxyServer::name)
            .toList();
    over.forEach(name -> runtime.setState(name, "maint"));
    if (!over.isEmpty()) {
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
