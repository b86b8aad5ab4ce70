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

  private void report(Service service, Instance live, Optional<Instance> former, boolean recorded) {
    deployments.report(
        service.app(),
        service.environment(),
        live.image(),
        former.map(Instance::image),
        live.colour().toString(),
        live.deployment(),
        recorded);
  }

  /**
   * Says that what is live on this host still is. If its own deployment has left no event, as one
   * that was killed or could not write it, it gets that now.
   *
   * @param back true if it was a rollback
   */
  void still(Service service, Instance live, Optional<Instance> former, boolean back) {
    Optional<Last> last = deployments.last(service.app(), service.environment());
    boolean recorded = isRecorded(last, live);
    report(service, live, former, recorded);
    if (!recorded) {
      recordAfterwards(service, live, last, back);
      report(service, live, former, true);
    }
  }

  /** The same for what is about to be replaced; does nothing if its event is known to be there. */
  void catchUp(Service service, Instance live, Optional<Instance> former) {
    if (!isRecorded(deployments.last(service.app(), service.environment()), live)) {
      still(service, live, former, false);
    }
  }

  private static boolean isRecorded(Optional<Last> last, Instance live) {
    return last.filter(it -> it.recorded() && it.deployment().equals(live.deployment()))
        .isPresent();
  }

  /** One that was live before has an older event, too; so the last one tells. */
  private void recordAfterwards(Service service, Instance live, Optional<Last> last, boolean back) {
    Instant since = live.container().created().minus(TOLERANCE);
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
  void live(
      Service service,
      boolean back,
      Instance live,
      Optional<ImageReference> previous,
      Optional<Instance> former,
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
      Instance live,
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
  void failed(
      Service service,
      ImageReference image,
      String deployment,
      RolloutFailure failure,
      Stopwatch watch) {
    String serving = failure.serving().orElse("");
    audit.append(
        image,
        new DeploymentEvent(
            failure.ending() == RolloutFailure.Ending.BACK,
            image.toString(),
            service.environment().value(),
            deployment,
            serving,
            serving,
            "failed",
            failure.reason(),
            watch.milliseconds()));
  }
}
