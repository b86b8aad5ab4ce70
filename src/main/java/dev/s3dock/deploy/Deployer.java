package dev.s3dock.deploy;

import dev.s3dock.deploy.health.HealthGate;
import dev.s3dock.deploy.host.HostLock;
import dev.s3dock.deploy.host.HostLock.Locks;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Health;
import dev.s3dock.deploy.service.Hooks;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.engine.Containers;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Published;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Brings what an environment is to run live on this host, or goes back to what ran before: one at a
 * time for each service, and with a look at where things stand first.
 */
public final class Deployer implements Deployable {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final DeployContext context;
  private final ImageProvider imageProvider;
  private final DeployReporter reporter;
  private final Locks locks;
  private final Clock clock;

  /**
   * What is asked for.
   *
   * @param back true to take a container that is kept where there is one, and to call it a rollback
   * @param pull false to take the image that the engine has
   * @param force true to make a new container although the same one is live
   * @param timeout of all up to the switch, the wait for other deployments included
   * @param move of the environment, whose image is deployed; empty to deploy what the environment
   *     is at
   */
  public record Request(
      boolean back,
      boolean pull,
      boolean force,
      Duration timeout,
      Optional<EnvironmentMove> move) {}

  /**
   * What was done.
   *
   * @param image live now
   * @param previous live before; empty if nothing was
   * @param backend where it takes requests; empty if that is the business of a target
   * @param containers their names; none where a target runs them
   * @param skipped true if it was live already
   * @param steps how long each step took, in milliseconds, in the order they ran
   */
  public record Deployed(
      ImageReference image,
      Optional<ImageReference> previous,
      Optional<Backend> backend,
      String deployment,
      List<String> containers,
      boolean skipped,
      Map<String, Long> steps) {
    public Deployed {
      containers = List.copyOf(containers);
      steps = new LinkedHashMap<>(steps);
    }

    /** Where it is live, for a person. */
    public String where() {
      return backend.map(Backend::toString).orElse("at the target");
    }
  }

  public Deployer(
      Service service,
      DeploySettings settings,
      Containers containers,
      LoadBalancer loadBalancer,
      Hooks hooks,
      ImageProvider imageProvider,
      DeployReporter reporter,
      Locks locks,
      Clock clock,
      DeployProgress progress) {
    this.context = new DeployContext(service, settings, containers, loadBalancer, hooks, progress);
    this.imageProvider = imageProvider;
    this.reporter = reporter;
    this.locks = locks;
    this.clock = clock;
  }

  /**
   * Deploys the environment's image on this host, and returns what is live.
   *
   * @throws DeployException {@code FAILED} if it was not brought live; the message says what
   *     serves, and has the last lines of the container. {@code LOCKED} if another deployment did
   *     not end in time
   * @throws LoadBalancerException if the load balancer does not answer before anything was done
   */
  @Override
  public Deployed deploy(Request request) throws InterruptedException {
    Deadline deadline = Deadline.in(request.timeout());
    Stopwatch watch = new Stopwatch(context.progress());
    try (HostLock _ = watch.call(Step.LOCK, () -> lock(deadline))) {
      watch.run(Step.CHECK, context::check);
      Published wanted = wanted(request);
      Instances instances = watch.call(Step.SETTLE, () -> new Recovery(context).settle());
      ImageReference image = wanted.key().reference();
      Optional<Instance> kept = request.back() ? kept(instances, image) : Optional.empty();
      if (kept.isEmpty()) {
        watch.run(Step.PULL, () -> fetch(wanted, request, deadline));
      }
      if (context.settings().health().check() instanceof Health.Check.OfImage) {
        imageProvider.requireHealthcheck(image);
      }
      Optional<Instance> same = request.force() ? Optional.empty() : liveAlready(instances, image);
      DeployEnding ending = new DeployEnding(context, reporter, request, watch);
      Deployed deployed =
          same.isPresent()
              ? still(request, same.get(), instances, ending, watch)
              : roll(request, image, instances, kept, deadline, ending, watch);
      ending.requireAsked(image);
      return deployed;
    }
  }

  private Published wanted(Request request) {
    return request
        .move()
        .map(move -> imageProvider.published(move.image()))
        .orElseGet(() -> imageProvider.wanted(context.service()));
  }

  @Override
  public Standing standing() throws InterruptedException {
    return Standing.of(context);
  }

  /** True if the engine of this host has a container of the service, running or not. */
  @Override
  public boolean isHere() {
    return !Instances.instances(context.service(), context.containers()).isEmpty();
  }

  private HostLock lock(Deadline deadline) throws InterruptedException {
    return HostLock.take(locks, context.service(), deadline, context.progress());
  }

  @Override
  public List<String> plan(Request request) {
    context.check();
    return new DeployPlan(context).lines(wanted(request).key().reference(), request);
  }

  /**
   * One that can be woken instead of making another: of this image, on the side that is free, and
   * of as many containers as there should be.
   */
  private Optional<Instance> kept(Instances instances, ImageReference image) {
    return instances.former().stream()
        .filter(i -> i.image().equals(image) && i.colour() == instances.free())
        .filter(i -> i.replicas() == context.settings().replicas() && i.isWhole(_ -> true))
        .findFirst();
  }

  /** A transfer is given up by interrupting it, as by Ctrl-C; it then cleans up and ends. */
  private void fetch(Published wanted, Request request, Deadline deadline)
      throws InterruptedException {
    if (!request.pull()) {
      imageProvider.requireHeld(wanted);
      return;
    }
    FutureTask<Void> pull = new FutureTask<>(() -> imageProvider.pull(wanted), null);
    Thread thread = Thread.ofVirtual().name("pull").start(pull);
    try {
      pull.get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new DeployException(
          DeployException.Kind.FAILED,
          "%s could not be pulled within the --timeout; nothing was changed"
              .formatted(wanted.key().reference()),
          e);
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case RuntimeException cause -> cause;
        case Error cause -> throw cause; // such as the end of memory, which has words of its own
        case null, default -> new IllegalStateException(e);
      };
    } finally {
      thread.interrupt();
      thread.join();
    }
  }

  private Optional<Instance> liveAlready(Instances instances, ImageReference image)
      throws InterruptedException {
    Optional<Instance> live =
        instances
            .live()
            .filter(i -> i.isRunning() && i.image().equals(image))
            .filter(i -> i.settings().equals(context.settings().fingerprint()))
            .filter(
                i -> {
                  String id = imageProvider.engineId(image);
                  return i.isWhole(it -> it.imageId().equals(id));
                });
    if (live.isEmpty()) {
      return live;
    }
    HealthGate.Finding finding =
        context.gate().check(live.get(), Deadline.in(context.settings().health().timeout()));
    return finding.problem().isEmpty() ? live : Optional.empty();
  }

  private Deployed still(
      Request request, Instance live, Instances instances, DeployEnding ending, Stopwatch watch)
      throws InterruptedException {
    if (request.move().isPresent()) {
      watch.run(Step.PROMOTE, request.move().get()::move);
    }
    watch.run(Step.RECORD, () -> ending.recordStill(live, instances));
    return ending.still(live);
  }

  private Deployed roll(
      Request request,
      ImageReference image,
      Instances instances,
      Optional<Instance> kept,
      Deadline deadline,
      DeployEnding ending,
      Stopwatch watch)
      throws InterruptedException {
    String deployment = kept.map(Instance::deployment).orElseGet(this::newName);
    PreviousLive previousLive = PreviousLive.of(context, instances);
    Optional<ImageReference> previous = previousLive.instance().map(Instance::image);
    catchUp(previousLive, instances);
    Rollout rollout =
        new Rollout(
            context,
            watch,
            image,
            deployment,
            previousLive,
            instances.free(),
            kept,
            request.move());
    Rollout.Live live;
    try {
      live = rollout.run(deadline);
    } catch (RolloutFailure failure) {
      throw ending.failed(image, deployment, failure);
    }
    watch.run(Step.RECORD, () -> ending.record(live.instance(), previous));
    Deployed done = ending.live(live.instance(), previous);
    watch.run(Step.POST_DEPLOY, () -> postDeploy(image, previous, live.instance(), deployment));
    requireNoRemark(image, live.remark());
    return done;
  }

  private void requireNoRemark(ImageReference image, String remark) {
    if (!remark.isEmpty()) {
      throw new DeployException(
          DeployException.Kind.FAILED,
          "%s is live for %s, but %s".formatted(image, context.service(), remark));
    }
  }

  /** What is about to be replaced has an event of its own, also if its deployment left none. */
  private void catchUp(PreviousLive previousLive, Instances instances) {
    previousLive
        .instance()
        .filter(live -> !live.isCandidate())
        .ifPresent(
            live ->
                reporter.catchUp(
                    context.service(),
                    DeployReporter.Live.of(live),
                    context.formerOf(instances).stream().findFirst().map(Instance::image)));
  }

  private void postDeploy(
      ImageReference image, Optional<ImageReference> previous, Instance live, String deployment)
      throws InterruptedException {
    context
        .hooks()
        .run(
            Hooks.Point.POST_DEPLOY,
            HookEnvironment.of(context, image, previous, live, deployment, ""));
  }

  private String newName() {
    return "%s-%04x"
        .formatted(STAMP.format(clock.instant()), RandomGenerator.getDefault().nextInt(1 << 16));
  }
}
