package dev.s3dock.deploy.health;

import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Durations;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Waiting;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Container.State;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.Containers.Exit;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.Counted;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether an instance is fit to serve, asking its containers and not the load balancer.
 * Where there are several, each of them must be.
 */
public final class HealthGate {
  private final Containers containers;
  private final Health health;

  public HealthGate(Containers containers, Health health) {
    this.containers = containers;
    this.health = health;
  }

  /**
   * What one check saw.
   *
   * @param problem why it failed; empty if it passed
   * @param isFinal true if more checks cannot change it, such as when the program has ended
   */
  public record Finding(Optional<String> problem, boolean isFinal) {
    static final Finding PASSED = new Finding(Optional.empty(), false);

    static Finding problem(String text) {
      return new Finding(Optional.of(text), false);
    }

    static Finding end(String text) {
      return new Finding(Optional.of(text), true);
    }

    /** The same, which says which container it is about where there are several. */
    Finding of(Instance instance, Container container) {
      return new Finding(problem.map(text -> named(instance, container, text)), isFinal);
    }
  }

  /**
   * Waits until as many checks in a row have passed as are asked for.
   *
   * @throws DeployException {@code FAILED} with the last reason, at the deadline, or at once if a
   *     container has ended
   */
  public void await(Instance instance, Deadline overall, DeployProgress progress)
      throws InterruptedException {
    Deadline deadline = overall.orIn(health.deadline());
    Waiting waiting =
        new Waiting(progress, "waiting until %s is healthy".formatted(instance.colour()), deadline);
    int passed = 0;
    String last = "it was not checked";
    while (!deadline.isOver()) {
      Deadline next = Deadline.in(health.interval());
      Finding finding = check(instance, deadline);
      if (finding.isFinal()) {
        throw unfit(finding.problem().orElseThrow());
      }
      passed = finding.problem().isEmpty() ? passed + 1 : 0;
      if (passed == health.passes()) {
        return;
      }
      last =
          finding
              .problem()
              .orElse(
                  "only %d of %s in a row".formatted(passed, Counted.of(health.passes(), "check")));
      waiting.goesOn(finding.problem());
      progress.detail(
          finding.problem().orElse("healthy, %d of %d".formatted(passed, health.passes())));
      deadline.pause(next.left());
    }
    throw unfit(
        "not healthy within %s (%s)"
            .formatted(
                overall.isOver()
                    ? "the --timeout for the whole deployment"
                    : Durations.text(health.deadline()),
                last));
  }

  private static DeployException unfit(String reason) {
    return new DeployException(DeployException.Kind.FAILED, reason);
  }

  /**
   * Checks each container once, until one fails; each check may take until its own timeout or the
   * deadline. What is wrong with one is wrong with the instance.
   */
  public Finding check(Instance instance, Deadline deadline) throws InterruptedException {
    if (!instance.isWhole(_ -> true)) {
      return Finding.end(
          "only %d of its %d containers are there"
              .formatted(instance.containers().size(), instance.replicas()));
    }
    List<Container> now = new ArrayList<>();
    for (Container container : instance.containers()) {
      Optional<Container> seen = containers.inspect(container.id());
      Optional<String> end = end(container, seen);
      if (end.isPresent()) {
        return Finding.end(named(instance, container, end.get()));
      }
      now.add(seen.orElseThrow());
    }
    for (int i = 0; i < now.size(); i++) {
      Container container = instance.containers().get(i); // at the address that the traffic goes to
      Finding finding = check(instance, container, now.get(i), deadline);
      if (finding.problem().isPresent()) {
        return finding.of(instance, container);
      }
    }
    return Finding.PASSED;
  }

  private Finding check(Instance instance, Container container, Container now, Deadline deadline)
      throws InterruptedException {
    return switch (health.check()) {
      case Health.Check.Http http -> ask(http, instance.server(container), timeout(deadline));
      case Health.Check.Command command -> run(command, container, timeout(deadline));
      case Health.Check.OfImage ignored -> ofImage(now);
      case Health.Check.Running ignored -> Finding.PASSED;
    };
  }

  private Duration timeout(Deadline deadline) {
    Duration left = deadline.left().plusMillis(1);
    return left.compareTo(health.timeout()) < 0 ? left : health.timeout();
  }

  private static String named(Instance instance, Container container, String text) {
    return instance.isOneOfSeveral() ? container.name() + ": " + text : text;
  }

  /** How a program ended since the instance was looked at; empty if none did. */
  public Optional<String> end(Instance instance) {
    return instance.containers().stream()
        .flatMap(
            container ->
                end(container, containers.inspect(container.id()))
                    .map(text -> named(instance, container, text))
                    .stream())
        .findFirst();
  }

  private static Optional<String> end(Container before, Optional<Container> now) {
    if (now.isEmpty()) {
      return Optional.of("the container no longer exists");
    }
    Container container = now.get();
    if (container.isRunning()) {
      return container.restarts() > before.restarts()
          ? Optional.of("its program ended and was started again") // its exit code is forgotten
          : Optional.empty();
    }
    return Optional.of(
        "its program ended with %s%s"
            .formatted(
                exit(container),
                container.state() == State.RESTARTING ? " and is started again" : ""));
  }

  private static String exit(Container container) {
    return container.outOfMemory()
        ? "exit code %d, killed because it used too much memory".formatted(container.exitCode())
        : "exit code " + container.exitCode();
  }

  private static Finding ask(Health.Check.Http http, Optional<Server> server, Duration timeout)
      throws InterruptedException {
    if (server.isEmpty()) {
      return Finding.problem("it has no address");
    }
    URI url = URI.create("http://" + server.get().address() + http.path());
    try {
      int status = new HttpProbe(timeout).get(url, Optional.empty()).status();
      return http.status().contains(status)
          ? Finding.PASSED
          : Finding.problem(
              "%s answered with status %d, not %s".formatted(http.path(), status, http.status()));
    } catch (IOException e) {
      return Finding.problem(
          "%s on port %d: %s".formatted(http.path(), server.get().port(), e.getMessage()));
    }
  }

  private Finding run(Health.Check.Command command, Container container, Duration timeout) {
    Optional<Exit> exit;
    try {
      exit = containers.exec(container.id(), command.command(), timeout);
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.UNAVAILABLE) {
        throw e;
      }
      return Finding.problem(String.valueOf(e.getMessage())); // it may just have ended
    }
    if (exit.isEmpty()) {
      return Finding.problem("the health command did not end within " + Durations.text(timeout));
    }
    return exit.get().code() == 0
        ? Finding.PASSED
        : Finding.problem("the health command ended with exit code " + exit.get().code());
  }

  private static Finding ofImage(Container container) {
    return switch (container.health()) {
      case HEALTHY -> Finding.PASSED;
      case STARTING -> Finding.problem("its HEALTHCHECK has not passed yet");
      case UNHEALTHY -> Finding.problem("its HEALTHCHECK fails");
      case NONE ->
          Finding.end(
              "the image has no HEALTHCHECK: add one, or set health.path or health.command");
    };
  }
}
