package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Containers;
import dev.s3dock.image.Printable;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A service on this host, and the parts of the host that make it up. */
record DeployContext(
    Service service,
    DeploySettings settings,
    Containers containers,
    LoadBalancer loadBalancer,
    Hooks hooks,
    DeployProgress progress) {
  private static final int LOG_LINES = 20;

  HealthGate gate() {
    return new HealthGate(containers, settings.health());
  }

  RoutingCheck routing() {
    return new RoutingCheck(loadBalancer, settings.front(), settings.health().timeout());
  }

  Instances instances() {
    return Instances.of(service, containers, loadBalancer);
  }

  /** Where an instance takes requests. */
  Backend backend(Instance instance) {
    return instance.backend().orElseThrow(() -> noBackend(instance));
  }

  /** A container whose program has ended has no address. */
  private DeployException noBackend(Instance instance) {
    return new DeployException(
        DeployException.Kind.FAILED,
        gate()
            .end(instance)
            .orElseGet(
                () ->
                    "container %s has no address for port %d: set publish to an address of this host, or check its networks"
                        .formatted(instance.container().name(), instance.port())));
  }

  /** Why an instance that gets the traffic does not serve; empty if it does. */
  Optional<String> problem(Instance live) throws InterruptedException {
    Optional<Backend> backend = live.backend();
    if (backend.isEmpty()) {
      return Optional.of("the container does not run");
    }
    Optional<String> problem =
        gate().check(live, backend.get(), Deadline.in(settings.health().timeout())).problem();
    return problem.isPresent() ? problem : routing().check(backend.get());
  }

  /** Makes an instance the proven one that its name says it is. */
  void confirm(Instance instance) {
    if (instance.isCandidate()) {
      containers.rename(instance.id(), Instance.name(service, instance.deployment()));
    }
  }

  /** An instance again, as it is now. */
  Instance again(Instance instance) {
    return containers.inspect(instance.id()).flatMap(Instance::of).orElse(instance);
  }

  /** The last lines that a container wrote, safe to show. */
  List<String> lastLines(Instance instance) {
    return containers.logs(instance.id(), LOG_LINES).stream()
        .map(line -> Printable.of(settings.secrets().mask(line)))
        .toList();
  }

  /** The proven instances that get no traffic, the last live one first. */
  List<Instance> formerOf(Instances instances) {
    return instances.former().stream()
        .sorted(
            Comparator.comparing((Instance i) -> lastRan(i.container()), Comparator.reverseOrder()))
        .toList();
  }

  private static Instant lastRan(Container container) {
    return container.isRunning() ? Instant.MAX : container.finished().orElse(container.created());
  }
}
