package dev.s3dock.deploy.target;

import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.Deployable;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Deployer.Request;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.host.HostLock;
import dev.s3dock.deploy.host.HostLock.Locks;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployException.Kind;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.deploy.target.TargetState.Condition;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a service at a target, by a program of the user's: the target pulls, starts, checks and
 * goes back by itself. What is live is always what the target says, and nothing is remembered here.
 */
public final class TargetDeployer implements Deployable {
  private final Service service;
  private final TargetSettings settings;
  private final TargetProgram program;
  private final Images images;
  private final DeployReporter reporter;
  private final Locks locks;
  private final Clock clock;
  private final DeployProgress progress;

  /** What the bucket says. */
  public interface Images {
    /** The image that the environment is to run. */
    ImageReference wanted();

    /** The digest by which {@code s3dock serve} serves an image. */
    Digest digest(ImageReference image);
  }

  /**
   * Changes nothing yet.
   *
   * @param folder where the program runs
   */
  public TargetDeployer(
      Service service,
      TargetSettings settings,
      Path folder,
      Images images,
      DeployReporter reporter,
      Locks locks,
      Clock clock,
      DeployProgress progress) {
    this.service = service;
    this.settings = settings;
    this.program = new TargetProgram(service, settings, folder);
    this.images = images;
    this.reporter = reporter;
    this.locks = locks;
    this.clock = clock;
    this.progress = progress;
  }

  @Override
  public Deployed deploy(Request request) throws InterruptedException {
    if (!request.pull()) {
      throw new DeployException(
          Kind.SETTINGS, "%s is pulled by its target: leave out --no-pull".formatted(service));
    }
    Deadline deadline = Deadline.in(request.timeout());
    Stopwatch watch = new Stopwatch(progress);
    try (HostLock _ =
        watch.call(Step.LOCK, () -> HostLock.take(locks, service, deadline, progress))) {
      TargetState before = watch.call(Step.CHECK, program::status);
      TargetImage wanted = wanted(request);
      Deployed deployed =
          !request.force() && before.isLive(wanted, settings.fingerprint())
              ? still(request, wanted, before.mark().orElseThrow(), watch)
              : new TargetDeployment(
                      service, settings, program, reporter, progress, watch, request, wanted)
                  .run(before, clock.instant(), deadline);
      requireAsked(request, deployed.image());
      return deployed;
    }
  }

  private TargetImage wanted(Request request) {
    ImageReference image = request.move().map(EnvironmentMove::image).orElseGet(images::wanted);
    return new TargetImage(settings.endpoint(), image, images.digest(image));
  }

  private Deployed still(Request request, TargetImage live, DeploymentMark mark, Stopwatch watch)
      throws InterruptedException {
    if (request.move().isPresent()) {
      watch.run(Step.PROMOTE, request.move().get()::move);
    }
    watch.run(
        Step.RECORD,
        () -> reporter.still(service, mark.live(live), reporter.previous(service), request.back()));
    return TargetDeployment.deployed(live, Optional.of(live.image()), mark, true, watch);
  }

  private void requireAsked(Request request, ImageReference live) {
    if (request.move().filter(move -> !move.stands()).isPresent()) {
      throw new DeployException(
          Kind.OVERTAKEN,
          "%s is live for %s, but somebody else has moved %s to another image meanwhile: deploy again what is to be live"
              .formatted(live, service, service.environment()));
    }
  }

  @Override
  public Standing standing() throws InterruptedException {
    TargetState state;
    try {
      state = program.status();
    } catch (DeployException e) {
      return new Standing.Unknown(String.valueOf(e.getMessage()));
    }
    if (state.condition() == Condition.NONE || state.image().isEmpty()) {
      return new Standing.Down(
          state.condition() == Condition.NONE
              ? "the target does not run it"
              : "the target runs %s, which s3dock has not deployed".formatted(state.name()));
    }
    return new Standing.Live(
        state.image().get().image(),
        state.mark().map(DeploymentMark::deployment).orElse(""),
        "",
        state.condition() != Condition.BUSY,
        state.image().get().endpoint().equals(settings.endpoint())
            && state.mark().filter(it -> it.settings().equals(settings.fingerprint())).isPresent(),
        state.condition() == Condition.UNHEALTHY
            ? Optional.of(state.words().isEmpty() ? "it is not healthy" : state.words())
            : Optional.empty());
  }

  @Override
  public boolean isHere() {
    try {
      return program.status().condition() != Condition.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeployException(Kind.FAILED, "interrupted; nothing was changed", e);
    }
  }

  @Override
  public List<String> plan(Request request) throws InterruptedException {
    TargetState before = program.status();
    TargetImage wanted = wanted(request);
    List<String> lines = new ArrayList<>();
    lines.add("target: the program " + program);
    lines.add("now: " + before);
    if (!request.force() && before.isLive(wanted, settings.fingerprint())) {
      lines.add("leave it as it is");
    } else {
      lines.add("run the program to bring %s live, and wait for its end".formatted(wanted));
      lines.add("ask it whether that is live");
    }
    if (request.move().isPresent()) {
      lines.add(
          "move %s of %s to %s".formatted(service.environment(), service.app(), wanted.image()));
    }
    return lines;
  }
}
