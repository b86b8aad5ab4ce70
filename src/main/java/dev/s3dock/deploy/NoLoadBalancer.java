package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Containers;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands where an app that takes no requests has no load balancer. Which of its containers is the
 * live one, the containers tell: of the proven ones that run, the newest. Only within a deployment
 * it is the one that the deployment says.
 */
public final class NoLoadBalancer implements LoadBalancer {
  private final Service service;
  private final Supplier<Containers> containers;
  private @Nullable Backend directed;

  public NoLoadBalancer(Service service, Supplier<Containers> containers) {
    this.service = service;
    this.containers = containers;
  }

  @Override
  public void check(int servers) {}

  @Override
  public Optional<Backend> live() {
    return directed != null
        ? Optional.of(directed)
        : Instances.instances(service, containers.get()).stream()
            .filter(instance -> instance.isRunning() && !instance.isCandidate())
            .findFirst()
            .flatMap(Instance::backend);
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    directed = next;
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
