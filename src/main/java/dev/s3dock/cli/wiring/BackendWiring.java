package dev.s3dock.cli.wiring;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.alb.HostBackends;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Containers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Finds out where the containers of this host take requests, for a driver that needs all. */
final class BackendWiring {
  private BackendWiring() {}

  static HostBackends backends(Service service, Containers containers) {
    Map<String, String> own = Instance.labelsOf(service);
    Predicate<Instance> isOwn =
        it -> it.container().labels().entrySet().containsAll(own.entrySet());
    List<Instance> all =
        containers.list(Map.of()).stream()
            .flatMap(container -> Instance.of(container).stream())
            .toList();
    return new HostBackends(
        backends(all, isOwn), backends(all, isOwn.negate().and(Instance::isRunning)));
  }

  /** A port of one that has stopped may have gone to another, so those that run come first. */
  private static List<Backend> backends(List<Instance> all, Predicate<Instance> of) {
    return all.stream()
        .filter(of)
        .sorted(Comparator.comparing(instance -> !instance.isRunning()))
        .flatMap(instance -> instance.backend().stream())
        .toList();
  }
}
