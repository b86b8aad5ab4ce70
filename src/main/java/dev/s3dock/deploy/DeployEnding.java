package dev.s3dock.deploy;

import dev.s3dock.deploy.DeployReporter.Live;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;
import java.util.Optional;

/** How a deployment ends: what is recorded of it, and what is told. */
final class DeployEnding {
  private final DeployContext context;
  private final DeployReporter reporter;
  private final Request request;
  private final Stopwatch watch;

  DeployEnding(DeployContext context, DeployReporter reporter, Request request, Stopwatch watch) {
    this.context = context;
    this.reporter = reporter;
    this.request = request;
    this.watch = watch;
  }

  void recordStill(Instance live, Instances instances) {
    reporter.still(
        context.service(), Live.of(live), former(instances).map(Instance::image), request.back());
  }

  /** What was live already. */
  Deployed still(Instance live) {
    return deployed(live, Optional.of(live.image()), true);
  }

  private Optional<Instance> former(Instances instances) {
    return context.formerOf(instances).stream().findFirst();
  }

  void record(Instance live, Optional<ImageReference> previous) {
    try {
      reporter.live(
          context.service(),
          request.back(),
          Live.of(live),
          previous,
          former(context.instances()).map(Instance::image),
          watch);
    } catch (StoreException | RegistryException e) {
      throw new DeployException(
          DeployException.Kind.FAILED,
          "%s is live for %s, but that could not be recorded: %s; the next deployment records it"
              .formatted(live.image(), context.service(), e.getMessage()),
          e);
    }
  }

  /** What has gone live. */
  Deployed live(Instance live, Optional<ImageReference> previous) {
    return deployed(live, previous, false);
  }

  private Deployed deployed(Instance live, Optional<ImageReference> previous, boolean skipped) {
    return new Deployed(
        live.image(),
        previous,
        Optional.of(context.backend(live)),
        live.deployment(),
        live.names(),
        skipped,
        watch.milliseconds());
  }

  /**
   * The end of what was asked for together with a move of the environment.
   *
   * @throws DeployException {@code OVERTAKEN} if it leads elsewhere by now
   */
  void requireAsked(ImageReference live) {
    Optional<EnvironmentMove> move = request.move();
    if (move.isPresent() && !move.get().stands()) {
      throw new DeployException(
          DeployException.Kind.OVERTAKEN,
          "%s is live for %s on this host, but somebody else has moved %s to another image meanwhile: see `s3dock history %s %s`, and deploy again what is to be live"
              .formatted(
                  live,
                  context.service(),
                  context.service().environment(),
                  context.service().app(),
                  context.service().environment()));
    }
  }

  DeployException failed(ImageReference image, String deployment, RolloutFailure failure) {
    String text = failure.describe(context.service(), image) + "\n" + environment();
    boolean interrupted = Thread.interrupted();
    try {
      reporter.failed(
          context.service(),
          image,
          new DeployReporter.Failed(
              deployment,
              failure.ending() == RolloutFailure.Ending.BACK,
              failure.serving().orElse(""),
              failure.reason()),
          watch);
    } catch (StoreException e) {
      text += "\nand its audit event could not be written: " + e.getMessage();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return new DeployException(kind(failure), text, failure);
  }

  private static DeployException.Kind kind(RolloutFailure failure) {
    if (failure.ending() == RolloutFailure.Ending.STUCK
        || failure.ending() == RolloutFailure.Ending.SHARED) {
      return DeployException.Kind.FAILED;
    }
    return switch (failure.getCause()) {
      case RegistryException e when e.kind() == RegistryException.Kind.CONFLICT ->
          DeployException.Kind.OVERTAKEN;
      case EngineException e
          when e.kind() == EngineException.Kind.UNAVAILABLE
              || e.kind() == EngineException.Kind.NO_SPACE ->
          DeployException.Kind.FAILED;
      case LoadBalancerException _, StoreException _, InterruptedException _ ->
          DeployException.Kind.FAILED;
      case null, default -> DeployException.Kind.UNFIT;
    };
  }

  /** Where the environment is after a failure. */
  private String environment() {
    return request
        .move()
        .map(EnvironmentMove::describe)
        .orElseGet(
            () ->
                "%s of %s still points to it, for all hosts: `s3dock rollback %2$s %1$s` moves it back"
                    .formatted(context.service().environment(), context.service().app()));
  }
}
