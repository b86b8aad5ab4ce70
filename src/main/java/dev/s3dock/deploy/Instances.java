package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Containers;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The containers of a service on this host, as the engine and the load balancer describe them now.
 * Nothing is remembered between two looks.
 *
 * @param instances running or not, the newest first
 * @param serving where the load balancer sends new connections; may be none of the instances
 */
record Instances(List<Instance> instances, List<Backend> serving) {
  Instances {
    instances = List.copyOf(instances);
    serving = List.copyOf(serving);
  }

  /** Lists the containers of the service, and asks the load balancer which one is live. */
  static Instances of(Service service, Containers containers, LoadBalancer loadBalancer) {
    return new Instances(instances(service, containers), loadBalancer.serving());
  }

  static List<Instance> instances(Service service, Containers containers) {
    return Instance.of(containers.list(Instance.labelsOf(service)));
  }

  /**
   * The one that gets the traffic. A port of a container that has stopped may have gone to another
   * one, so one that runs comes first. Of two that share the traffic it is the proven one, which
   * the other one has not replaced yet.
   */
  Optional<Instance> live() {
    return served(serving)
        .min(
            Comparator.comparing((Instance i) -> !i.isRunning())
                .thenComparing(i -> i.isCandidate()));
  }

  private Stream<Instance> served(List<Backend> by) {
    return instances.stream()
        .filter(
            i -> i.backend().filter(it -> by.stream().anyMatch(it::sharesServerWith)).isPresent());
  }

  /** True if two sides get traffic: one was being replaced by the other. */
  boolean isShared() {
    return serving.size() > 1;
  }

  /** The one that shares the traffic with the live one, and was to replace it. */
  Optional<Instance> successor() {
    Optional<Instance> live = live();
    List<Backend> others =
        serving.stream()
            .filter(it -> live.flatMap(Instance::backend).filter(it::sharesServerWith).isEmpty())
            .toList();
    return served(others).min(Comparator.comparing(i -> !i.isRunning()));
  }

  /** Of both that share the traffic the containers that get some. */
  List<Instance> sides() {
    return Stream.of(live(), successor())
        .flatMap(Optional::stream)
        .filter(it -> !serving(it).isEmpty())
        .map(it -> it.part(serving(it)))
        .toList();
  }

  /** Containers of an instance that get traffic, and run. */
  List<Container> serving(Instance instance) {
    return serving.stream()
        .flatMap(it -> instance.at(it).stream())
        .filter(Container::isRunning)
        .toList();
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
    return live()
        .filter(_ -> isShared())
        .map(Instance::colour)
        .or(() -> serving.stream().map(Backend::colour).findFirst())
        .map(Colour::other)
        .orElse(Colour.BLUE);
  }
}
