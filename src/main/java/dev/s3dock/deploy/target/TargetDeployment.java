package dev.s3dock.deploy.target;

import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.DeployReporter.Failed;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployException.Kind;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.deploy.target.TargetState.Condition;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One deployment at a target: its program is run, then asked whether the image is live, and what
 * came of it is recorded.
 *
 * @param wanted what is to be live
 */
record TargetDeployment(
    Service service,
    TargetSettings settings,
    TargetProgram program,
    DeployReporter reporter,
    DeployProgress progress,
    Stopwatch watch,
    Request request,
    TargetImage wanted) {

  /**
   * Goes all the way.
   *
   * @param before what the target has said
   * @throws DeployException if the image is not live, or could not be recorded
   */
  Deployed run(TargetState before, Instant now, Deadline deadline) throws InterruptedException {
    Optional<ImageReference> previous = before.image().map(TargetImage::image);
    catchUp(before);
    DeploymentMark mark = mark(before, now);
    try {
      progress.note("running %s for %s".formatted(program, wanted));
      watch.run(
          Step.START,
          () ->
              program.deploy(
                  wanted, mark, previous.map(ImageReference::toString).orElse(""), deadline));
      watch.run(Step.PROVE, () -> prove(mark));
    } catch (DeployException | InterruptedException e) {
      throw failed(mark, e);
    }
    promote(mark, previous);
    watch.run(Step.RECORD, () -> record(mark, previous));
    return deployed(wanted, previous, mark, false, watch);
  }

  /** One that has been told already goes on; the target need not begin again. */
  private DeploymentMark mark(TargetState before, Instant now) {
    return before.isOf(wanted, settings.fingerprint()) && !request.force()
        ? before.mark().orElseThrow()
        : DeploymentMark.at(now, settings.fingerprint());
  }

  /** What is about to be replaced has an event of its own, also if its deployment left none. */
  private void catchUp(TargetState before) {
    if (before.condition() != Condition.BUSY
        && before.image().isPresent()
        && before.mark().isPresent()) {
      reporter.catchUp(
          service, before.mark().get().live(before.image().get()), reporter.previous(service));
    }
  }

  private void prove(DeploymentMark mark) throws InterruptedException {
    TargetState now = program.status();
    if (!now.isLive(wanted, settings.fingerprint()) || !now.mark().equals(Optional.of(mark))) {
      throw new DeployException(
          Kind.UNFIT,
          "the target's program %s said that it is live, but then that %s".formatted(program, now));
    }
  }

  /** After the target has shown that it is fit, and before the record, which must not be lost. */
  private void promote(DeploymentMark mark, Optional<ImageReference> previous)
      throws InterruptedException {
    if (request.move().isEmpty()) {
      return;
    }
    try {
      watch.run(Step.PROMOTE, request.move().get()::move);
    } catch (RegistryException | StoreException e) {
      record(mark, previous);
      throw new DeployException(
          e instanceof RegistryException it && it.kind() == RegistryException.Kind.CONFLICT
              ? Kind.OVERTAKEN
              : Kind.FAILED,
          "%s is live for %s, but %s was not moved to it: %s; deploy again what is to be live"
              .formatted(wanted.image(), service, service.environment(), e.getMessage()),
          e);
    }
  }

  private void record(DeploymentMark mark, Optional<ImageReference> previous) {
    try {
      reporter.live(service, request.back(), mark.live(wanted), previous, previous, watch);
    } catch (StoreException | RegistryException e) {
      throw new DeployException(
          Kind.FAILED,
          "%s is live for %s, but that could not be recorded: %s; the next deployment records it"
              .formatted(wanted.image(), service, e.getMessage()),
          e);
    }
  }

  private DeployException failed(DeploymentMark mark, Exception cause) {
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    String reason =
        interrupted
            ? "interrupted; the target may go on with it"
            : String.valueOf(cause.getMessage());
    try {
      Optional<TargetState> after = now();
      String text =
          "%s did not go live for %s: %s; %s\n%s"
              .formatted(
                  wanted.image(),
                  service,
                  reason,
                  after
                      .map(it -> "the target says: " + it)
                      .orElse("what it runs now cannot be told"),
                  environment());
      return new DeployException(kind(cause), text + recordFailure(mark, reason, after), cause);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Kind kind(Exception cause) {
    return cause instanceof DeployException it ? it.kind() : Kind.FAILED;
  }

  private Optional<TargetState> now() {
    try {
      return Optional.of(program.status());
    } catch (DeployException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private String recordFailure(DeploymentMark mark, String reason, Optional<TargetState> after) {
    String serving =
        after
            .filter(it -> it.condition() == Condition.LIVE)
            .flatMap(TargetState::image)
            .map(it -> it.image().toString())
            .orElse("");
    try {
      reporter.failed(
          service, wanted.image(), new Failed(mark.deployment(), false, serving, reason), watch);
      return "";
    } catch (StoreException | RegistryException e) {
      return "\nand its audit event could not be written: " + e.getMessage();
    }
  }

  private String environment() {
    return request
        .move()
        .map(EnvironmentMove::describe)
        .orElseGet(
            () ->
                "%s of %s still points to it: `s3dock rollback %2$s %1$s` moves it back"
                    .formatted(service.environment(), service.app()));
  }

  static Deployed deployed(
      TargetImage image,
      Optional<ImageReference> previous,
      DeploymentMark mark,
      boolean skipped,
      Stopwatch watch) {
    return new Deployed(
        image.image(),
        previous,
        Optional.empty(),
        mark.deployment(),
        List.of(),
        skipped,
        watch.milliseconds());
  }
}
