package dev.s3dock.deploy.loadbalancer.nginx;

import dev.s3dock.deploy.loadbalancer.LocalProcess;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Processes of an nginx on this host, by the titles that they give themselves. A worker of an older
 * configuration stops to accept connections, ends what it has, and calls itself {@code shutting
 * down} meanwhile.
 */
final class NginxWorkers {
  private final ProcessHandle master;

  private NginxWorkers(ProcessHandle master) {
    this.master = master;
  }

  /** Empty if that worker is not seen here, as when nginx runs in a container. */
  static Optional<NginxWorkers> around(long worker) {
    if (!LocalProcess.title(worker).startsWith("nginx: worker process")
        || LocalProcess.isElsewhere(worker)) {
      return Optional.empty();
    }
    return ProcessHandle.of(worker)
        .flatMap(ProcessHandle::parent)
        .filter(it -> LocalProcess.title(it.pid()).startsWith("nginx: master process"))
        .map(NginxWorkers::new);
  }

  /** Those that accept connections. */
  Set<Long> accepting() {
    return workers().stream().filter(it -> !retiring(it)).collect(Collectors.toSet());
  }

  /** True if one of an older configuration still has a client. */
  boolean retiring() {
    return workers().stream().anyMatch(NginxWorkers::retiring);
  }

  private static boolean retiring(long pid) {
    return LocalProcess.title(pid).contains("shutting down");
  }

  private List<Long> workers() {
    return master
        .children()
        .map(ProcessHandle::pid)
        .filter(it -> LocalProcess.title(it).startsWith("nginx: worker process"))
        .toList();
  }
}
