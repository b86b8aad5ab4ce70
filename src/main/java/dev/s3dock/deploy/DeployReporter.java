package dev.s3dock.deploy;

import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.audit.DeploymentEvent;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.registry.report.Deployments.Last;
import dev.s3dock.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What a deployment leaves in the bucket: the host's report, and an audit event. */
public final class DeployReporter {
  /** By so much the clocks of an engine and of this process may differ. */
  private static final Duration TOLERANCE = Duration.ofDays(1);

  private final Deployments deployments;
  private final AuditLog audit;
  private final AuditTrail trail;

  public DeployReporter(Deployments deployments, AuditLog audit, AuditTrail trail) {
    this.deployments = deployments;
    this.audit = audit;
    this.trail = trail;
  }

  /**
   * What is live, as far as it is reported.
   *
   * @param colour {@code blue} or {@code green}; empty where there are no sides
   * @param deployment which deployment brought it
   * @param began when that began, by whatever clock
   */
  public record Live(ImageReference image, String colour, String deployment, Instant began) {
    static Live of(Instance instance) {
      return new Live(
          instance.image(),
          instance.colour().toString(),
          instance.deployment(),
          instance.created());
    }
  }

  /**
   * A deployment that failed.
   *
   * @param movedBack true if it had got so far that something was to be undone
   * @param serving what is live; empty if nothing is
   */
  public record Failed(String deployment, boolean movedBack, String serving, String reason) {}

  private void report(
      Service service, Live live, Optional<ImageReference> former, boolean recorded) {
    deployments.report(
        service.app(),
        service.environment(),
        live.image(),
        former,
        live.colour(),
        live.deployment(),
        recorded);
  }

  /**
   * Says that what is live on this host still is. If its own deployment has left no event, as one
   * that was killed or could not write it, it gets that now.
   *
   * @param former what is kept to go back to
   * @param back true if it was a rollback
   */
  public void still(Service service, Live live, Optional<ImageReference> former, boolean back) {
    Optional<Last> last = deployments.last(service.app(), service.environment());
    boolean recorded = isRecorded(last, live);
    report(service, live, former, recorded);
    if (!recorded) {
      recordAfterwards(service, live, last, back);
      report(service, live, former, true);
    }
  }

  /** The same for what is about to be replaced; does nothing if its event is known to be there. */
  public void catchUp(Service service, Live live, Optional<ImageReference> former) {
    if (!isRecorded(deployments.last(service.app(), service.environment()), live)) {
      still(service, live, former, false);
    }
  }

  /** What this host has reported to be kept there to go back to. */
  public Optional<ImageReference> previous(Service service) {
    return deployments.last(service.app(), service.environment()).flatMap(Last::previous);
  }

  private static boolean isRecorded(Optional<Last> last, Live live) {
    return last.filter(it -> it.recorded() && it.deployment().equals(live.deployment()))
        .isPresent();
  }

  /** One that was live before has an older event, too; so the last one tells. */
  private void recordAfterwards(Service service, Live live, Optional<Last> last, boolean back) {
    Instant since = live.began().minus(TOLERANCE);
    Optional<String> recorded =
        trail
            .lastLive(service.app(), service.environment(), deployments.host(), since)
            .map(DeploymentEvent::deployment);
    if (recorded.equals(Optional.of(live.deployment()))) {
      return;
    }
    String previous =
        last.filter(it -> !it.deployment().equals(live.deployment())).map(Last::image).orElse("");
    append(
        service,
        back,
        live,
        previous,
        "recorded by the deployment after it, since it was interrupted",
        Map.of());
  }

  /** Reports what has just gone live, and writes its event. */
  public void live(
      Service service,
      boolean back,
      Live live,
      Optional<ImageReference> previous,
      Optional<ImageReference> former,
      Stopwatch watch) {
    report(service, live, former, false);
    append(
        service,
        back,
        live,
        previous.map(ImageReference::toString).orElse(""),
        back ? "asked for" : "",
        watch.milliseconds());
    try {
      report(service, live, former, true);
    } catch (StoreException e) {
      // the next deployment looks for the event
    }
  }

  private void append(
      Service service,
      boolean back,
      Live live,
      String previous,
      String reason,
      Map<String, Long> steps) {
    audit.append(
        live.image(),
        new DeploymentEvent(
            back,
            live.image().toString(),
            service.environment().value(),
            live.deployment(),
            live.image().toString(),
            previous,
            "live",
            reason,
            steps));
  }

  /** A deployment that was moved back by itself is a rollback; one that never got so far is not. */
  public void failed(Service service, ImageReference image, Failed failed, Stopwatch watch) {
    audit.append(
        image,
        new DeploymentEvent(
            failed.movedBack(),
            image.toString(),
            service.environment().value(),
            failed.deployment(),
            failed.serving(),
            failed.serving(),
            "failed",
            failed.reason(),
            watch.milliseconds()));
  }
}
