package dev.s3dock.deploy.health;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings.Front;
import dev.s3dock.deploy.service.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Shows that new connections through the load balancer reach a backend, or both that share them.
 */
public final class RoutingCheck {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration BETWEEN = Duration.ofMillis(100);
  private static final int ANSWERS = 3;

  private final LoadBalancer loadBalancer;
  private final Optional<Front> front;
  private final Duration timeout;

  /**
   * Without a front, the load balancer is only asked which backend is live.
   *
   * @param timeout of one request
   */
  public RoutingCheck(LoadBalancer loadBalancer, Optional<Front> front, Duration timeout) {
    this.loadBalancer = loadBalancer;
    this.front = front;
    this.timeout = timeout;
  }

  /**
   * Waits until several new connections in a row have been answered by a backend, by whichever of
   * its servers. The load balancer may need a moment to notice that it is there.
   *
   * @param expected one, or both that share the traffic; the first is waited for
   * @param progress told of the wait
   * @throws DeployException {@code FAILED} with the last reason
   */
  public void prove(List<Backend> expected, DeployProgress progress) throws InterruptedException {
    Deadline deadline = Deadline.in(LIMIT);
    Waiting waiting =
        new Waiting(
            progress,
            "waiting for the traffic to arrive at %s".formatted(expected.getFirst().colour()),
            deadline);
    Optional<String> problem = Optional.empty();
    for (int proven = 0; proven < ANSWERS; ) {
      problem = check(expected);
      if (problem.isEmpty()) {
        proven++;
      } else if (deadline.isOver()) {
        throw new DeployException(
            DeployException.Kind.FAILED,
            "the traffic does not reach %s: %s".formatted(told(expected), problem.get()));
      } else {
        proven = 0;
        waiting.goesOn(problem);
        deadline.pause(BETWEEN);
      }
    }
  }

  /**
   * Asks once; why not, if it is not so. Of several servers one answer does not show the others.
   */
  public Optional<String> check(List<Backend> expected) throws InterruptedException {
    if (front.isPresent()) {
      boolean alone = expected.size() == 1 && expected.getFirst().servers().size() == 1;
      Optional<String> problem = ask(front.get(), expected);
      if (problem.isPresent() || (loadBalancer.identifies() && alone)) {
        return problem;
      }
    }
    List<Backend> serving = loadBalancer.serving();
    if (serving.size() == expected.size()
        && expected.stream().allMatch(it -> serving.stream().anyMatch(it::hasSameServersAs))) {
      return expected.stream().flatMap(it -> loadBalancer.objection(it).stream()).findFirst();
    }
    return Optional.of(
        "the load balancer sends it to %s"
            .formatted(serving.isEmpty() ? "no container" : told(serving)));
  }

  private static String told(List<Backend> backends) {
    return backends.stream().map(Backend::toString).collect(Collectors.joining(" and "));
  }

  private Optional<String> ask(Front page, List<Backend> expected) throws InterruptedException {
    try {
      HttpProbe.Answer answer = new HttpProbe(timeout).get(page.url(), page.connect());
      if (!page.status().contains(answer.status())) {
        return Optional.of(
            "%s answered with status %d, not %s"
                .formatted(page.url(), answer.status(), page.status()));
      }
      if (!loadBalancer.identifies()) {
        return Optional.empty();
      }
      if (answer.backend().isEmpty()) {
        return Optional.of(
            "%s answered without the header %s, which the load balancer's configuration must add"
                .formatted(page.url(), LoadBalancer.BACKEND_HEADER));
      }
      return expected.stream().anyMatch(it -> it.hasServerAt(answer.backend().get()))
          ? Optional.empty()
          : Optional.of(
              "the answer to %s came from %s".formatted(page.url(), answer.backend().get()));
    } catch (IOException e) {
      return Optional.of("%s: %s".formatted(page.url(), e.getMessage()));
    }
  }
}
