package dev.s3dock.deploy;

import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Deployments;
import dev.s3dock.registry.audit.AuditEvent;
import dev.s3dock.registry.audit.AuditLog;
import java.util.Optional;

/** What a deployment leaves in the bucket: the host's report, and an audit event. */
public final class DeployReporter {
  private final Deployments deployments;
  private final AuditLog audit;

  public DeployReporter(Deployments deployments, AuditLog audit) {
    this.deployments = deployments;
    this.audit = audit;
  }

  /** Says what is live on this host, again or for the first time. */
  void report(Service service, Instance live, Optional<Instance> former) {
    deployments.report(
        service.app(),
        service.environment(),
        live.image(),
        former.map(Instance::image),
        live.colour().toString(),
        live.deployment());
  }

  void live(
      Service service,
      boolean back,
      String deployment,
      Instance live,
      Optional<ImageReference> previous,
      Stopwatch watch) {
    audit.append(
        live.image(),
        new AuditEvent.Deployment(
            back,
            live.image().toString(),
            service.environment().value(),
            deployment,
            live.image().toString(),
            previous.map(ImageReference::toString).orElse(""),
            "live",
            back ? "asked for" : "",
            watch.milliseconds()));
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
        new AuditEvent.Deployment(
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
