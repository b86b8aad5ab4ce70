package dev.s3dock.deploy;

import dev.s3dock.deploy.health.HealthGate;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Hooks.Point;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One deployment on one host, from a settled state to another one. Until the switch it adds one
 * container and touches nothing else; from the switch to the end of the bake it can go back, since
 * the container before it still runs. Where several are replaced one after the other, {@link
 * RollingUpdate} comes between the two.
 */
final class Rollout {
  private final DeployContext context;
  private final Stopwatch watch;
  private final ImageReference image;
  private final String deployment;
  private final PreviousLive previousLive;
  private final Colour colour;
  private final Optional<Instance> kept;
  private final Optional<EnvironmentMove> environmentMove;
  private final Optional<RollingUpdate> rolling;

  /**
   * Prepares a deployment.
   *
   * @param image to bring live; the engine has it
   * @param deployment a name that no other one has
   * @param previousLive what serves now
   * @param colour the side that a new container takes
   * @param kept an instance of the image that is proven and gets no traffic, taken in place of a
   *     new one
   * @param environmentMove done once the container is fit for the switch
   */
  Rollout(
      DeployContext context,
      Stopwatch watch,
      ImageReference image,
      String deployment,
      PreviousLive previousLive,
      Colour colour,
      Optional<Instance> kept,
      Optional<EnvironmentMove> environmentMove) {
    this.context = context;
    this.watch = watch;
    this.environmentMove = environmentMove;
    this.image = image;
    this.deployment = deployment;
    this.previousLive = previousLive;
    this.colour = colour;
    this.kept = kept;
    this.rolling =
        previousLive
            .instance()
            .filter(_ -> context.settings().isRolling())
            .map(former -> new RollingUpdate(context, watch, former, this::startOne));
  }

  /**
   * What is live now.
   *
   * @param remark what is left to do by hand; empty if nothing
   */
  record Live(Instance instance, String remark) {}

  /**
   * Goes all the way.
   *
   * @param deadline of everything up to the switch
   * @throws Reverted if it failed; what served before serves
   */
  Live run(Deadline deadline) throws InterruptedException {
    Instance next = prepare(deadline);
    try {
      next = replaceUpToTheLast(next);
      move(next, context.backend(next));
    } catch (RuntimeException | InterruptedException e) {
      Instance failed = started().orElse(next);
      throw rollback().from(failed, e, reason -> facts(failed, reason));
    }
    return new Live(context.again(next), retire(next));
  }

  private RolloutRollback rollback() {
    return new RolloutRollback(context, watch, previousLive, kept);
  }

  /** What there is of the new one where that comes bit by bit. */
  private Optional<Instance> started() {
    return rolling.flatMap(RollingUpdate::next);
  }

  private Instance replaceUpToTheLast(Instance next) throws InterruptedException {
    if (rolling.isEmpty()) {
      return next;
    }
    rolling.get().rest();
    return started().orElseThrow();
  }

  private Instance prepare(Deadline deadline) throws InterruptedException {
    Instance next = null;
    try {
      next = begin();
      Instance started = next;
      Backend to = context.backend(started);
      watch.run(Step.HEALTH, () -> context.gate().await(started, deadline, context.progress()));
      context.progress().note("%s is healthy".formatted(to.colour()));
      watch.run(Step.PRE_DEPLOY, () -> hook(Point.PRE_DEPLOY, started));
      requireReady(started, deadline);
      if (environmentMove.isPresent()) {
        watch.run(Step.PROMOTE, environmentMove.get()::move);
      }
      return started;
    } catch (RuntimeException | InterruptedException e) {
      Instance unfit = next;
      throw rollback().untouched(unfit, e, reason -> facts(unfit, reason));
    }
  }

  /** The hook may have taken its time. */
  private void requireReady(Instance next, Deadline deadline) throws InterruptedException {
    if (deadline.isOver()) {
      throw new DeployException(
          DeployException.Kind.FAILED, "it was not ready for the switch within the --timeout");
    }
    HealthGate.Finding finding = context.gate().check(next, deadline);
    if (finding.problem().isPresent()) {
      throw new DeployException(DeployException.Kind.FAILED, finding.problem().get());
    }
  }

  private Instance begin() throws InterruptedException {
    if (rolling.isPresent()) {
      return rolling.get().first();
    }
    makeRoom();
    Instance next = watch.call(Step.START, this::start).asStarted();
    context.progress().note("started " + next);
    return next;
  }

  /** No two at a time: the one before ends its work first. */
  private void makeRoom() throws InterruptedException {
    Optional<Instance> before = previousLive.instance();
    if (context.settings().handover() == Handover.STOP_FIRST && before.isPresent()) {
      context.progress().note("stopping " + before.get());
      watch.run(Step.MAKE_ROOM, () -> context.stop(before.get()));
    }
  }

  private Instance start() {
    if (kept.isEmpty()) {
      return starter().start(image, colour, deployment);
    }
    context.start(kept.get());
    return context.again(kept.get());
  }

  private ContainerStarter starter() {
    return new ContainerStarter(context.service(), context.settings(), context.containers());
  }

  private Container startOne(int replica) {
    if (kept.isEmpty()) {
      return starter().start(image, colour, deployment, replica);
    }
    Instance one = kept.get().part(List.of(kept.get().containers().get(replica - 1)));
    context.start(one);
    return context.again(one).containers().getFirst();
  }

  private void move(Instance next, Backend to) throws InterruptedException {
    Optional<Backend> from = rolling.isPresent() ? rolling.get().left() : previousLive.backend();
    watch.run(Step.SWITCH, () -> context.loadBalancer().direct(to, from));
    watch.run(Step.PROVE, () -> context.prove(next, List.of(to)));
    if (to.takesTraffic()) {
      context.progress().note("traffic goes to " + to);
    }
    watch.run(Step.POST_SWITCH, () -> hook(Point.POST_SWITCH, next));
    BakeMonitor eye = new BakeMonitor(context, next, List.of(to));
    if (from.isPresent()) {
      watch.run(Step.DRAIN, () -> eye.drain(from.get()));
    }
    watch.run(Step.BAKE, () -> eye.bake(context.settings().bake()));
    watch.run(Step.CONFIRM, () -> context.confirm(next));
  }

  /** What fails here is told, but cannot make the new container less live. */
  private String retire(Instance next) throws InterruptedException {
    try {
      watch.run(
          Step.RETIRE,
          () -> {
            if (previousLive.instance().isEmpty()) {
              previousLive.backend().ifPresent(context.loadBalancer()::release);
              new Retirement(context).drain(context.instances().former(), true);
            }
            new Retirement(context).ofAllBut(next, previousLive.instance());
          });
      return "";
    } catch (EngineException | LoadBalancerException e) {
      return "the old container could not be stopped: %s; the next deployment stops it"
          .formatted(e.getMessage());
    }
  }

  private void hook(Point point, Instance next) throws InterruptedException {
    context.hooks().run(point, facts(next, ""));
  }

  private Map<String, String> facts(@Nullable Instance next, String reason) {
    return HookEnvironment.of(
        context, image, previousLive.instance().map(Instance::image), next, deployment, reason);
  }
}
