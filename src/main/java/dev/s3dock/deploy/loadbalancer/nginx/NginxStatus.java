package dev.s3dock.deploy.loadbalancer.nginx;

import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.http.Request;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What the running nginx says it runs, at the status address of the generated file. */
final class NginxStatus {
  private static final Duration AGAIN = Duration.ofMillis(10);

  /**
   * New connections in a row that must meet the new configuration where workers cannot be seen.
   * nginx tells its old workers to stop 100 ms after it has started new ones.
   */
  private static final int IN_A_ROW = 100;

  private final NginxSettings settings;
  private final Endpoint endpoint;

  NginxStatus(NginxSettings settings) {
    this.settings = settings;
    this.endpoint = new Endpoint(settings.status());
  }

  NginxState.Told running() {
    String remedy =
        "check that it runs, includes %s, and was reloaded since".formatted(settings.file());
    Request request = Request.of("GET", "/").header("Host", settings.upstream());
    String body = endpoint.send(request, settings.timeout(), "nginx", remedy).body();
    return NginxState.find(body)
        .filter(it -> it.state().upstream().equals(settings.upstream()))
        .orElseThrow(
            () ->
                new LoadBalancerException(
                    Kind.REFUSED,
                    "the answer from %s does not name the upstream %s: %s"
                        .formatted(endpoint.text(), settings.upstream(), remedy)));
  }

  /**
   * Waits until new connections meet this state only.
   *
   * @param before workers as they were before the reload, if they can be seen
   */
  void await(NginxState state, Optional<Former> before) {
    long end = System.nanoTime() + settings.reloadTimeout().toNanos();
    int inARow = 0;
    while (inARow < (before.isPresent() ? 1 : IN_A_ROW)
        || before.filter(Former::accepts).isPresent()) {
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        throw new LoadBalancerException(
            Kind.UNAVAILABLE,
            "nginx did not load %s within %d s after its reload: see its error log"
                .formatted(settings.file(), settings.reloadTimeout().toSeconds()));
      }
      inARow = running().state().equals(state) ? inARow + 1 : 0;
      LockSupport.parkNanos(AGAIN.toNanos());
    }
  }

  /** Workers that accepted connections before a reload. */
  record Former(NginxWorkers workers, Set<Long> pids) {
    static Optional<Former> of(NginxState.Told running) {
      return NginxWorkers.around(running.worker()).map(it -> new Former(it, it.accepting()));
    }

    boolean accepts() {
      return workers.accepting().stream().anyMatch(pids::contains);
    }
  }
}
