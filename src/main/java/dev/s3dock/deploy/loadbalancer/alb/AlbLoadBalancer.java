package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.alb.RegisteredTarget.State;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
  private final Supplier<HostBackends> containers;
  private final HealthyWait healthy;
  private List<RegisteredTarget> seen = List.of();
  private long seenAt;
  private boolean hasSeen;

  AlbLoadBalancer(AlbSettings settings, TargetGroupApi group, Supplier<HostBackends> containers) {
    this.settings = settings;
    this.group = group;
    this.containers = containers;
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
  public void check() {
    new TargetGroupCheck(settings, group).run();
    ours(group.targets());
  }

  @Override
  public Optional<Backend> live() {
    return live(ours(recent()));
  }

  /**
   * The one that is registered. Of several it is the one that serves: a deployment has died before
   * the next one was healthy, or one of the two has fallen ill since.
   */
  private Optional<Backend> live(List<RegisteredTarget> ours) {
    List<RegisteredTarget> registered =
        ours.stream().filter(RegisteredTarget::isRegistered).toList();
    if (registered.isEmpty()) {
      return Optional.empty();
    }
    List<RegisteredTarget> serving = registered.size() == 1 ? registered : serving(registered);
    if (serving.size() == 1) {
      return Optional.of(backend(serving.getFirst()));
    }
    throw new LoadBalancerException(
        Kind.UNCLEAR,
        "%s has more than one target of this host, and does not tell which one serves: %s; deploy again, or deregister those that should not"
            .formatted(
                name(),
                registered.stream()
                    .map(it -> it + " is " + it.told())
                    .collect(Collectors.joining(", "))));
  }

  private static List<RegisteredTarget> serving(List<RegisteredTarget> registered) {
    return registered.stream().filter(RegisteredTarget::isServing).toList();
  }

  /** One that waits to become healthy would make two that serve. */
  @Override
  public void settle() {
    forget();
    List<RegisteredTarget> registered =
        ours(group.targets()).stream().filter(RegisteredTarget::isRegistered).toList();
    List<RegisteredTarget> idle = registered.stream().filter(it -> !it.isServing()).toList();
    if (serving(registered).size() == 1 && !idle.isEmpty()) {
      group.deregister(idle);
    }
  }

  private Backend backend(RegisteredTarget target) {
    String host = settings.instance().isPresent() ? settings.address() : target.id();
    Backend at = new Backend(Colour.BLUE, host, target.port());
    return containers.get().own().stream()
        .filter(it -> it.address().equals(at.address()))
        .findFirst()
        .orElse(at);
  }

  /**
   * Those of this host: no other is ever deregistered.
   *
   * @throws LoadBalancerException {@code REFUSED} if some are of another app on this host
   */
  private List<RegisteredTarget> ours(List<RegisteredTarget> all) {
    if (all.isEmpty()) {
      return all;
    }
    HostBackends host = containers.get();
    for (RegisteredTarget target : all) {
      if (target.isRegistered() && isAt(target, host.others())) {
        throw new LoadBalancerException(
            Kind.REFUSED,
            "target %s of %s is a container of another app or environment on this host: each needs a target group of its own"
                .formatted(target, name()));
      }
    }
    return all.stream()
        .filter(it -> it.id().equals(settings.id()) || isAt(it, host.own()))
        .toList();
  }

  private boolean isAt(RegisteredTarget target, List<Backend> backends) {
    return backends.stream().anyMatch(it -> target.is(settings.idOf(it), it.port()));
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
   * Waits until the target group says that the next one is healthy. The spare stays out of it: a
   * target group knows none, and would send it every second request.
   */
  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    requireReachable(next);
    forget();
    String id = settings.idOf(next);
    boolean wasThere =
        ours(group.targets()).stream().anyMatch(it -> it.is(id, next.port()) && it.isRegistered());
    if (!wasThere) {
      group.register(id, next.port());
    }
    try {
      healthy.await(id, next.port());
      deregisterOthers(id, next.port());
    } catch (LoadBalancerException e) {
      if (!wasThere && e.kind() == Kind.REFUSED) {
        takeBack(id, next.port(), e);
      }
      throw e;
    }
  }

  private void deregisterOthers(String id, int port) {
    List<RegisteredTarget> others =
        ours(group.targets()).stream().filter(it -> it.isRegistered() && !it.is(id, port)).toList();
    if (!others.isEmpty()) {
      group.deregister(others);
    }
  }

  /** Else what was refused would get traffic all the same, once it is healthy. */
  private void takeBack(String id, int port, LoadBalancerException reason) {
    try {
      group.deregister(List.of(new RegisteredTarget(id, port, State.INITIAL, "", "")));
    } catch (LoadBalancerException e) {
      throw new LoadBalancerException(
          Kind.UNAVAILABLE,
          "%s; and %s:%d could not be deregistered again: %s"
              .formatted(reason.getMessage(), id, port, e.getMessage()),
          reason);
    }
  }

  private void requireReachable(Backend next) {
    if (!next.host().equals(settings.address())) {
      throw new LoadBalancerException(
          Kind.REFUSED,
          "%s cannot be reached by a load balancer that connects to %s: it was made with another publish; remove this container, so that the next deployment makes another"
              .formatted(next, settings.address()));
    }
  }

  /** The load balancer does not count; a target that is drained for as long as that takes has 0. */
  @Override
  public OptionalLong inFlight(Backend backend) {
    Optional<RegisteredTarget> target = find(recent(), backend);
    boolean none =
        target.isEmpty()
            || target.get().state() == State.INITIAL
            || target.get().state() == State.UNUSED;
    return none ? OptionalLong.of(0) : OptionalLong.empty();
  }

  private Optional<RegisteredTarget> find(List<RegisteredTarget> all, Backend backend) {
    String id = settings.idOf(backend);
    return all.stream().filter(it -> it.is(id, backend.port())).findFirst();
  }

  @Override
  public void release(Backend former) {
    forget();
    List<RegisteredTarget> ours = ours(group.targets());
    Optional<RegisteredTarget> target = find(ours, former).filter(RegisteredTarget::isRegistered);
    if (target.isPresent() && !isLive(former, ours)) {
      group.deregister(List.of(target.get()));
    }
  }

  private boolean isLive(Backend backend, List<RegisteredTarget> ours) {
    try {
      return live(ours).map(Backend::address).equals(Optional.of(backend.address()));
    } catch (LoadBalancerException e) {
      return false; // another one is registered too, and goes on
    }
  }

  @Override
  public Optional<String> objection(Backend live) {
    return find(recent(), live)
        .filter(it -> it.state() == State.UNHEALTHY || it.state() == State.UNUSED)
        .map(it -> "%s says that %s is %s".formatted(name(), it, it.told()));
  }

  /** The answer may come from any host of the group. */
  @Override
  public boolean identifies() {
    return false;
  }

  private String name() {
    return "the target group " + settings.targetGroup().name();
  }

  @Override
  public String describe() {
    return "%s in %s: targets of %s"
        .formatted(name(), settings.targetGroup().region(), settings.id());
  }
}
