package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Containers;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The containers of a service on this host, as the engine and the load balancer describe them now.
 * Nothing is remembered between two looks.
 *
 * @param instances running or not, the newest first
 * @param loadBalancer where the load balancer sends new connections; may be none of the instances
 */
record Instances(List<Instance> instances, Optional<Backend> loadBalancer) {
  Instances {
    instances = List.copyOf(instances);
  }

  /** Lists the containers of the service, and asks the load balancer which one is live. */
  static Instances of(Service service, Containers containers, LoadBalancer loadBalancer) {
    return new Instances(instances(service, containers), loadBalancer.live());
  }

  static List<Instance> instances(Service service, Containers containers) {
    return Instance.of(containers.list(Instance.labelsOf(service)));
  }

  /**
   * The one that gets the traffic. A port of a container that has stopped may have gone to another
   * one, so one that runs comes first.
   */
  Optional<Instance> live() {
    return loadBalancer.flatMap(
        to ->
            instances.stream()
                .filter(i -> i.backend().filter(to::sharesServerWith).isPresent())
                .min(Comparator.comparing(i -> !i.isRunning())));
  }

  private boolean isLive(Instance instance) {
    return live().filter(instance::isSame).isPresent();
  }

  /** Those that were never proven and get no traffic: remains of a deployment that died. */
  List<Instance> strays() {
    return instances.stream().filter(i -> i.isCandidate() && !isLive(i)).toList();
  }

  /** Proven ones that get no traffic, the newest first: what one could go back to. */
  List<Instance> former() {
    return instances.stream().filter(i -> !i.isCandidate() && !isLive(i)).toList();
  }

  /** The side that the next container takes. */
  Colour free() {
    return loadBalancer.map(to -> to.colour().other()).orElse(Colour.BLUE);
  }
}
