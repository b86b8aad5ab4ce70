package dev.s3dock.agent;

import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.store.StoreException;
import java.time.Duration;
import java.util.Optional;

/**
 * What is shown of a service: here, for metrics and {@code /healthz}, and in the bucket. It is
 * changed by the one thread that follows the service, and read by any.
 */
final class ServiceStatus {
  private final Service service;
  private final AgentParts parts;
  private final HostReporter reporter;
  private Optional<ImageReference> wanted = Optional.empty();
  private String wantedSince = "";
  private Optional<Duration> behindSince = Optional.empty();
  private volatile Optional<Duration> looked = Optional.empty();
  private volatile boolean busy;
  private volatile ServiceView view;
  private long deployments;
  private long failures;

  ServiceStatus(Service service, AgentParts parts, HostReporter reporter) {
    this.service = service;
    this.parts = parts;
    this.reporter = reporter;
    this.view = view(Optional.empty(), new Rest(State.UNKNOWN, "it was not looked at yet"));
  }

  /** How it is now. */
  ServiceView view() {
    ServiceView last = view;
    return new ServiceView(
        service,
        last.wanted(),
        last.running(),
        last.state(),
        last.reason(),
        looked.map(at -> parts.uptime().minus(at)),
        last.behind(),
        last.deployments(),
        last.failures(),
        busy);
  }

  /** How it is with this, which is not kept. */
  ServiceView view(Optional<ImageReference> running, Rest rest) {
    return new ServiceView(
        service,
        wanted,
        running,
        rest.state().toString(),
        rest.reason(),
        looked,
        behindSince.map(at -> parts.uptime().minus(at)).orElse(Duration.ZERO),
        deployments,
        failures,
        busy);
  }

  /** What should run. */
  Optional<ImageReference> wanted() {
    return wanted;
  }

  /** Notes a look at the environment; returns as {@link #wants} does. */
  Optional<ImageReference> looked(Wish wish, String now) {
    looked = Optional.of(parts.uptime());
    return wants(wish, now);
  }

  /**
   * Notes what should run.
   *
   * @param now for people
   * @return what should run, if that is news
   */
  Optional<ImageReference> wants(Wish wish, String now) {
    Optional<ImageReference> image =
        switch (wish) {
          case Wish.Wanted it -> Optional.of(it.image());
          case Wish.Nothing _ -> Optional.empty();
          case Wish.Unreadable _ -> wanted;
        };
    if (image.equals(wanted)) {
      return Optional.empty();
    }
    wanted = image;
    wantedSince = now;
    return image;
  }

  /** Something goes on that may take long. */
  void busy(boolean now) {
    busy = now;
  }

  /** Counts a deployment that succeeded. */
  void deployed() {
    deployments++;
  }

  /** Counts one that did not. */
  void failed() {
    failures++;
  }

  /** Notes what runs, and how that is. */
  void show(Optional<ImageReference> running, Rest rest) {
    boolean right = rest.state() == State.HEALTHY;
    behindSince = right ? Optional.empty() : behindSince.or(() -> Optional.of(parts.uptime()));
    view = view(running, rest);
  }

  /** Reports what was shown last, if that is due. */
  void report(Memory memory, Duration interval, String now) {
    try {
      reporter.say(
          new AgentReport(
              parts.version(),
              wanted.map(ImageReference::toString).orElse(""),
              wantedSince,
              view.running().map(ImageReference::toString).orElse(""),
              view.state(),
              view.reason(),
              memory.live(),
              memory.failed(),
              0,
              now,
              interval.toSeconds(),
              parts.host().labels()),
          parts.host()::diskFree,
          parts.uptime());
    } catch (StoreException | RegistryException e) {
      // said at the next look
    }
  }
}
