package dev.s3dock.deploy.loadbalancer.alb;

import static java.util.stream.Collectors.joining;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.alb.RegisteredTarget.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A target group of an AWS Application or Network Load Balancer. Its targets are shared by many
 * hosts, of which a driver touches those of its own host alone.
 *
 * <p>Traffic moves by one order: the next target is registered, becomes healthy, and only then the
 * others of this host are deregistered. So at each moment one of them serves, and what
 * DescribeTargetHealth says tells which.
 */
public final class AlbLoadBalancer implements LoadBalancer {
  private final AlbSettings settings;
  private final TargetGroupApi group;
  private final HostTargets targets;
  private final HealthyWait healthy;
  private List<RegisteredTarget> seen = List.of();
  private long seenAt;
  private boolean hasSeen;

  AlbLoadBalancer(AlbSettings settings, TargetGroupApi group, Supplier<HostBackends> containers) {
    this.settings = settings;
    this.group = group;
    this.targets = new HostTargets(settings, containers);
    this.healthy = new HealthyWait(settings, group);
  }

  /**
   * A driver that has asked nothing yet.
   *
   * @param containers of this host, asked at each look
   */
  public static AlbLoadBalancer of(
      AlbSettings settings,
      ElbClients clients,
      ElbClients.Place place,
      Supplier<HostBackends> containers) {
    return new AlbLoadBalancer(
        settings, new TargetGroupApi(settings.targetGroup(), () -> clients.at(place)), containers);
  }

  @Override
  public void check(int servers) {
    new TargetGroupCheck(settings, group).run();
    targets.ours(group.targets());
  }

  @Override
  public List<Backend> serving() {
    return serving(targets.ours(recent()));
  }

  /**
   * The one that has registered targets. Of several it is the one that serves: a deployment has
   * died before the next one was healthy, or one of the two has fallen ill since. Both serve while
   * they share the traffic.
   */
  private List<Backend> serving(List<RegisteredTarget> ours) {
    Map<Backend, List<RegisteredTarget>> registered = targets.byBackend(ours);
    if (registered.isEmpty()) {
      return List.of();
    }
    List<Backend> serving =
        registered.size() == 1 ? List.copyOf(registered.keySet()) : HostTargets.serving(registered);
    if (!serving.isEmpty()) {
      return serving.stream()
          .map(
              it ->
                  new Backend(
                      it.colour(),
                      registered.getOrDefault(it, List.of()).stream()
                          .map(targets::server)
                          .toList()))
          .toList();
    }
    throw new LoadBalancerException(
        Kind.UNCLEAR,
        "%s has more than one target of this host, and does not tell which one serves: %s; deploy again, or deregister those that should not"
            .formatted(
                settings.name(),
                registered.values().stream()
                    .flatMap(List::stream)
                    .map(it -> it + " is " + it.told())
                    .collect(joining(", "))));
  }

  /** One that waits to become healthy would make two that serve. */
  @Override
  public void settle() {
    forget();
    Map<Backend, List<RegisteredTarget>> registered =
        targets.byBackend(targets.ours(group.targets()));
    List<Backend> serving = HostTargets.serving(registered);
    if (serving.size() == 1) {
      registered.remove(serving.getFirst());
      deregister(registered.values().stream().flatMap(List::stream).toList());
    }
  }

  private void deregister(List<RegisteredTarget> those) {
    if (!those.isEmpty()) {
      group.deregister(those);
    }
  }

  /** What was seen a moment ago: those who wait ask several times a second. */
  private List<RegisteredTarget> recent() {
    if (!hasSeen || System.nanoTime() - seenAt > settings.pace().toNanos()) {
      seen = group.targets();
      seenAt = System.nanoTime();
      hasSeen = true;
    }
    return seen;
  }

  private void forget() {
    hasSeen = false;
  }

  /**
   * Waits until the target group says that the next ones are healthy. The spare stays out of it: a
   * target group knows none, and would send it every second request.
   */
  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    leaveTo(next, List.of(next));
  }

  @Override
  public void share(Backend next, Backend former) {
    leaveTo(next, List.of(next, former));
  }

  private void leaveTo(Backend next, List<Backend> serving) {
    requireReachable(next);
    forget();
    List<RegisteredTarget> before =
        targets.ours(group.targets()).stream().filter(RegisteredTarget::isRegistered).toList();
    List<Server> registered = new ArrayList<>();
    try {
      for (Server server : serving.stream().flatMap(it -> it.servers().stream()).toList()) {
        if (before.stream().noneMatch(it -> it.is(settings.idOf(server), server.port()))) {
          group.register(settings.idOf(server), server.port());
          registered.add(server);
        }
      }
      Stream.concat(next.servers().stream(), registered.stream())
          .distinct()
          .forEach(it -> healthy.await(settings.idOf(it), it.port()));
      deregister(
          targets.ours(group.targets()).stream()
              .filter(RegisteredTarget::isRegistered)
              .filter(it -> serving.stream().noneMatch(side -> targets.isOf(it, side)))
              .toList());
    } catch (LoadBalancerException e) {
      if (!registered.isEmpty() && e.kind() == Kind.REFUSED) {
        takeBack(registered, e);
      }
      throw e;
    }
  }

  /** Else what was refused would get traffic all the same, once it is healthy. */
  private void takeBack(List<Server> servers, LoadBalancerException reason) {
    List<RegisteredTarget> those =
        servers.stream()
            .map(it -> new RegisteredTarget(settings.idOf(it), it.port(), State.INITIAL, "", ""))
            .toList();
    try {
      group.deregister(those);
    } catch (LoadBalancerException e) {
      throw new LoadBalancerException(
          Kind.UNAVAILABLE,
          "%s; and %s could not be deregistered again: %s"
              .formatted(
                  reason.getMessage(),
                  those.stream().map(RegisteredTarget::toString).collect(joining(", ")),
                  e.getMessage()),
          reason);
    }
  }

  private void requireReachable(Backend next) {
    if (next.servers().stream().anyMatch(it -> !it.host().equals(settings.address()))) {
      throw new LoadBalancerException(
          Kind.REFUSED,
          "%s cannot be reached by a load balancer that connects to %s: it was made with another publish; remove this container, so that the next deployment makes another"
              .formatted(next, settings.address()));
    }
  }

  /** The load balancer does not count; a target that is drained for as long as that takes has 0. */
  @Override
  public OptionalLong inFlight(Backend backend) {
    boolean none =
        targets.of(recent(), backend).stream()
            .allMatch(it -> it.state() == State.INITIAL || it.state() == State.UNUSED);
    return none ? OptionalLong.of(0) : OptionalLong.empty();
  }

  @Override
  public void release(Backend former) {
    forget();
    List<RegisteredTarget> ours = targets.ours(group.targets());
    if (!isLive(former, ours)) {
      deregister(targets.of(ours, former).stream().filter(RegisteredTarget::isRegistered).toList());
    }
  }

  private boolean isLive(Backend backend, List<RegisteredTarget> ours) {
    try {
      return serving(ours).stream().anyMatch(backend::sharesServerWith);
    } catch (LoadBalancerException e) {
      return false; // another one is registered too, and goes on
    }
  }

  @Override
  public Optional<String> objection(Backend live) {
    return targets.of(recent(), live).stream()
        .filter(it -> it.state() == State.UNHEALTHY || it.state() == State.UNUSED)
        .map(it -> "%s says that %s is %s".formatted(settings.name(), it, it.told()))
        .findFirst();
  }

  /** The answer may come from any host of the group. */
  @Override
  public boolean identifies() {
    return false;
  }

  @Override
  public String describe() {
    return "%s in %s: targets of %s"
        .formatted(settings.name(), settings.targetGroup().region(), settings.id());
  }
}
