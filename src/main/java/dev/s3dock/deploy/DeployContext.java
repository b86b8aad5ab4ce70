package dev.s3dock.deploy;

import dev.s3dock.deploy.health.HealthGate;
import dev.s3dock.deploy.health.RoutingCheck;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A service on this host, and the parts of the host that make it up. */
record DeployContext(
    Service service,
    DeploySettings settings,
    Containers containers,
    LoadBalancer loadBalancer,
    Hooks hooks,
    DeployProgress progress) {
  private static final int LOG_LINES = 20;

  /** Shows that the load balancer can do what the settings ask of it. */
  void check() {
    settings.check(loadBalancer);
  }

  HealthGate gate() {
    return new HealthGate(containers, settings.health());
  }

  RoutingCheck routing() {
    return new RoutingCheck(loadBalancer, settings.front(), settings.health().timeout());
  }

  Instances instances() {
    return Instances.of(service, containers, loadBalancer);
  }

  /** Where all containers of an instance take requests. */
  Backend backend(Instance instance) {
    return instance
        .backend()
        .filter(it -> it.servers().size() == instance.containers().size())
        .orElseThrow(() -> noBackend(instance));
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
                        .formatted(instance.name(), instance.port())));
  }

  /** Why the instance that gets the traffic does not serve; empty if it does. */
  Optional<String> problem(Instances instances) throws InterruptedException {
    Instance live = instances.live().orElseThrow();
    Optional<Backend> backend = live.backend();
    if (backend.isEmpty()) {
      return Optional.of("the container does not run");
    }
    if (!instances.isShared()) {
      Optional<String> problem = problem(live);
      return problem.isPresent() ? problem : routing().check(List.of(backend.get()));
    }
    for (Instance side : instances.sides()) {
      Optional<String> problem = problem(side);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return routing().check(instances.serving());
  }

  private Optional<String> problem(Instance instance) throws InterruptedException {
    return gate().check(instance, Deadline.in(settings.health().timeout())).problem();
  }

  /**
   * Shows that new requests arrive. Where a program of the new ones has ended, that is the reason,
   * and not what the load balancer says of it.
   */
  void prove(Instance next, List<Backend> serving) throws InterruptedException {
    try {
      routing().prove(serving, progress);
    } catch (DeployException e) {
      throw gate()
          .end(next)
          .map(end -> new DeployException(DeployException.Kind.FAILED, end, e))
          .orElse(e);
    }
  }

  /** Makes an instance the proven one that its name says it is. */
  void confirm(Instance instance) {
    for (Container container : instance.containers()) {
      String name = Instance.provenName(container);
      if (!container.name().equals(name)) {
        containers.rename(container.id(), name);
      }
    }
  }

  /** Starts what of an instance does not run. */
  void start(Instance instance) {
    instance.ids().forEach(containers::start);
  }

  /** Stops an instance: all containers at the same time, since each may take its whole grace. */
  void stop(Instance instance) {
    List<FutureTask<Void>> stops =
        instance.ids().stream()
            .map(id -> new FutureTask<Void>(() -> containers.stop(id, settings.stopGrace()), null))
            .toList();
    stops.stream().skip(1).forEach(Thread.ofVirtual().name("stop")::start);
    stops.getFirst().run();
    List<Throwable> failures = stops.stream().flatMap(it -> failure(it).stream()).toList();
    if (!failures.isEmpty()) {
      switch (failures.getFirst()) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  /** Waits for its end, also if this thread is interrupted: the grace bounds that. */
  private static Optional<Throwable> failure(FutureTask<Void> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          task.get();
          return Optional.empty();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          return Optional.ofNullable(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void remove(Instance instance) {
    instance.ids().forEach(containers::remove);
  }

  /** An instance again, as it is now. */
  Instance again(Instance instance) {
    return instance.again(containers::inspect);
  }

  /** The last lines that a container wrote, safe to show: of several one that has ended. */
  List<String> lastLines(Instance instance) {
    Container first = instance.containers().getFirst();
    Container unfit =
        instance.containers().size() == 1
            ? first
            : again(instance).containers().stream()
                .filter(container -> !container.isRunning())
                .findFirst()
                .orElse(first);
    return containers.logs(unfit.id(), LOG_LINES).stream()
        .map(line -> Printable.of(settings.secrets().mask(line)))
        .toList();
  }

  /** The proven instances that get no traffic, the last live one first. */
  List<Instance> formerOf(Instances instances) {
    return instances.former().stream()
        .sorted(Comparator.comparing(DeployContext::lastRan, Comparator.reverseOrder()))
        .toList();
  }

  private static Instant lastRan(Instance instance) {
    return instance.containers().stream()
        .map(it -> it.isRunning() ? Instant.MAX : it.finished().orElse(it.created()))
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }
}
