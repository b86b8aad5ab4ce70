package dev.s3dock.cli.wiring;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.alb.HostBackends;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Containers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds out where the containers of this host take requests, for a driver that needs all. */
final class BackendWiring {
  private BackendWiring() {}

  static HostBackends backends(Service service, Containers containers) {
    Map<String, String> labels = Instance.labelsOf(service);
    Predicate<Container> isOwn = it -> it.labels().entrySet().containsAll(labels.entrySet());
    List<Container> all = containers.list(Map.of());
    List<Instance> own = Instance.of(all.stream().filter(isOwn).toList());
    List<Instance> others = Instance.of(all.stream().filter(isOwn.negate()).toList());
    return new HostBackends(
        backends(own.stream()), backends(others.stream().filter(Instance::isRunning)));
  }

  /** A port of one that has stopped may have gone to another, so those that run come first. */
  private static List<Backend> backends(Stream<Instance> instances) {
    return instances
        .sorted(Comparator.comparing(instance -> !instance.isRunning()))
        .flatMap(instance -> instance.backend().stream())
        .toList();
  }
}
