package dev.s3dock.deploy.loadbalancer.alb;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Tells which targets of a group are of this host, and whose containers they are. */
final class HostTargets {
  private final AlbSettings settings;
  private final Supplier<HostBackends> containers;

  HostTargets(AlbSettings settings, Supplier<HostBackends> containers) {
    this.settings = settings;
    this.containers = containers;
  }

  /**
   * Those of this host: no other is ever deregistered.
   *
   * @throws LoadBalancerException {@code REFUSED} if some are of another app on this host
   */
  List<RegisteredTarget> ours(List<RegisteredTarget> all) {
    if (all.isEmpty()) {
      return all;
    }
    HostBackends host = containers.get();
    for (RegisteredTarget target : all) {
      if (target.isRegistered() && isAt(target, host.others())) {
        throw new LoadBalancerException(
            Kind.REFUSED,
            "target %s of %s is a container of another app or environment on this host: each needs a target group of its own"
                .formatted(target, settings.name()));
      }
    }
    return all.stream()
        .filter(it -> it.id().equals(settings.id()) || isAt(it, host.own()))
        .toList();
  }

  private boolean isAt(RegisteredTarget target, List<Backend> backends) {
    return backends.stream().anyMatch(it -> isOf(target, it));
  }

  /** True if it is one of the containers of this. */
  boolean isOf(RegisteredTarget target, Backend backend) {
    return backend.servers().stream().anyMatch(it -> target.is(settings.idOf(it), it.port()));
  }

  /** The registered ones, by the deployment whose containers they are. */
  Map<Backend, List<RegisteredTarget>> byBackend(List<RegisteredTarget> ours) {
    List<Backend> own = containers.get().own();
    return ours.stream()
        .filter(RegisteredTarget::isRegistered)
        .collect(groupingBy(it -> backend(it, own), LinkedHashMap::new, toList()));
  }

  private Backend backend(RegisteredTarget target, List<Backend> own) {
    Server at = server(target);
    return own.stream()
        .filter(it -> it.servers().contains(at))
        .findFirst()
        .orElseGet(() -> new Backend(Colour.BLUE, List.of(at)));
  }

  /** Where the container of a target takes requests. */
  Server server(RegisteredTarget target) {
    return new Server(
        settings.instance().isPresent() ? settings.address() : target.id(), target.port());
  }

  static List<Backend> serving(Map<Backend, List<RegisteredTarget>> registered) {
    return registered.entrySet().stream()
        .filter(it -> it.getValue().stream().anyMatch(RegisteredTarget::isServing))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Those that are the containers of this. */
  List<RegisteredTarget> of(List<RegisteredTarget> all, Backend backend) {
    return all.stream().filter(it -> isOf(it, backend)).toList();
  }
}
