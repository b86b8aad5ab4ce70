package dev.s3dock.deploy.target;

import dev.s3dock.deploy.DeployReporter;
import dev.s3dock.deploy.DeployReporter.Failed;
import dev.s3dock.deploy.DeployReporter.Live;
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
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.StoreException;
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
              : roll(request, wanted, before, deadline, watch);
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
        () ->
            reporter.still(service, live(live, mark), reporter.previous(service), request.back()));
    return deployed(live, Optional.of(live.image()), mark, true, watch);
  }

  private Deployed roll(
      Request request, TargetImage wanted, TargetState before, Deadline deadline, Stopwatch watch)
      throws InterruptedException {
    Optional<ImageReference> previous = before.image().map(TargetImage::image);
    catchUp(before);
    DeploymentMark mark = mark(request, wanted, before);
    try {
      progress.note("running %s for %s".formatted(program, wanted));
      watch.run(
          Step.START,
          () ->
              program.deploy(
                  wanted, mark, previous.map(ImageReference::toString).orElse(""), deadline));
      watch.run(Step.PROVE, () -> prove(wanted, mark));
    } catch (DeployException | InterruptedException e) {
      throw failed(request, wanted, mark, e, watch);
    }
    promote(request, wanted, mark, previous, watch);
    watch.run(Step.RECORD, () -> record(request, wanted, mark, previous, watch));
    return deployed(wanted, previous, mark, false, watch);
  }

  /** One that has been told already goes on; the target need not begin again. */
  private DeploymentMark mark(Request request, TargetImage wanted, TargetState before) {
    return before.isOf(wanted, settings.fingerprint()) && !request.force()
        ? before.mark().orElseThrow()
        : DeploymentMark.at(clock.instant(), settings.fingerprint());
  }

  /** What is about to be replaced has an event of its own, also if its deployment left none. */
  private void catchUp(TargetState before) {
    if (before.condition() != Condition.BUSY
        && before.image().isPresent()
        && before.mark().isPresent()) {
      reporter.catchUp(
          service, live(before.image().get(), before.mark().get()), reporter.previous(service));
    }
  }

  private void prove(TargetImage wanted, DeploymentMark mark) throws InterruptedException {
    TargetState now = program.status();
    if (!now.isLive(wanted, settings.fingerprint()) || !now.mark().equals(Optional.of(mark))) {
      throw new DeployException(
          Kind.UNFIT,
          "the target's program %s said that it is live, but then that %s".formatted(program, now));
    }
  }

  /** After the target has shown that it is fit, and before the record, which must not be lost. */
  private void promote(
      Request request,
      TargetImage wanted,
      DeploymentMark mark,
      Optional<ImageReference> previous,
      Stopwatch watch)
      throws InterruptedException {
    if (request.move().isEmpty()) {
      return;
    }
    try {
      watch.run(Step.PROMOTE, request.move().get()::move);
    } catch (RegistryException | StoreException e) {
      record(request, wanted, mark, previous, watch);
      throw new DeployException(
          e instanceof RegistryException it && it.kind() == RegistryException.Kind.CONFLICT
              ? Kind.OVERTAKEN
              : Kind.FAILED,
          "%s is live for %s, but %s was not moved to it: %s; deploy again what is to be live"
              .formatted(wanted.image(), service, service.environment(), e.getMessage()),
          e);
    }
  }

  private void record(
      Request request,
      TargetImage wanted,
      DeploymentMark mark,
      Optional<ImageReference> previous,
      Stopwatch watch) {
    try {
      reporter.live(service, request.back(), live(wanted, mark), previous, previous, watch);
    } catch (StoreException | RegistryException e) {
      throw new DeployException(
          Kind.FAILED,
          "%s is live for %s, but that could not be recorded: %s; the next deployment records it"
              .formatted(wanted.image(), service, e.getMessage()),
          e);
    }
  }

  private DeployException failed(
      Request request, TargetImage wanted, DeploymentMark mark, Exception cause, Stopwatch watch) {
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
                  environment(request));
      return new DeployException(
          kind(cause), text + recordFailure(wanted, mark, reason, after, watch), cause);
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

  private String recordFailure(
      TargetImage wanted,
      DeploymentMark mark,
      String reason,
      Optional<TargetState> after,
      Stopwatch watch) {
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

  private String environment(Request request) {
    return request
        .move()
        .map(EnvironmentMove::describe)
        .orElseGet(
            () ->
                "%s of %s still points to it: `s3dock rollback %2$s %1$s` moves it back"
                    .formatted(service.environment(), service.app()));
  }

  private void requireAsked(Request request, ImageReference live) {
    if (request.move().filter(move -> !move.stands()).isPresent()) {
      throw new DeployException(
          Kind.OVERTAKEN,
          "%s is live for %s, but somebody else has moved %s to another image meanwhile: deploy again what is to be live"
              .formatted(live, service, service.environment()));
    }
  }

  private static Live live(TargetImage image, DeploymentMark mark) {
    return new Live(image.image(), "", mark.deployment(), mark.began());
  }

  private static Deployed deployed(
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
