package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Containers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Stands where an app that takes no requests has no load balancer. Which of its containers is the
 * live one, the containers tell: of the proven ones that run, the newest, and beside it a candidate
 * that has replaced a part of it. Only within a deployment it is the one that the deployment says.
 */
public final class NoLoadBalancer implements LoadBalancer {
  private final Service service;
  private final Supplier<Containers> containers;
  private List<Backend> directed = List.of();

  public NoLoadBalancer(Service service, Supplier<Containers> containers) {
    this.service = service;
    this.containers = containers;
  }

  @Override
  public void check(int servers) {}

  @Override
  public List<Backend> serving() {
    if (!directed.isEmpty()) {
      return directed;
    }
    List<Instance> running =
        Instances.instances(service, containers.get()).stream()
            .filter(Instance::isRunning)
            .toList();
    Optional<Instance> live = running.stream().filter(it -> !it.isCandidate()).findFirst();
    Optional<Instance> next = running.stream().filter(Instance::isCandidate).findFirst();
    if (live.isPresent() && next.isPresent() && !live.get().isWhole(Container::isRunning)) {
      return Stream.of(live.get(), next.get())
          .flatMap(it -> it.remaining().backend().stream())
          .toList();
    }
    return live.flatMap(Instance::backend).stream().toList();
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    directed = List.of(next);
  }

  @Override
  public void share(Backend next, Backend former) {
    directed = List.of(next, former);
  }

  /**
   * What runs is told by its stop signal to end its work; nobody knows how much of that there is.
   */
  @Override
  public OptionalLong inFlight(Backend backend) {
    return OptionalLong.of(0);
  }

  @Override
  public void release(Backend former) {}

  @Override
  public boolean identifies() {
    return false;
  }

  @Override
  public String describe() {
    return "none: the app takes no traffic";
  }
}
