package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Durations;
import dev.s3dock.deploy.service.EnvironmentMove;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Hooks.Point;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.Counted;
import dev.s3dock.image.ImageReference;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One deployment on one host, from a settled state to another one. Until the switch it adds one
 * container and touches nothing else; from the switch to the end of the bake it can go back, since
 * the container before it still runs.
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
    Backend to = context.backend(next);
    try {
      move(next, to);
    } catch (RuntimeException | InterruptedException e) {
      throw new RolloutRollback(context, watch, previousLive, kept)
          .from(next, e, reason -> facts(next, reason));
    }
    return new Live(context.again(next), retire(next));
  }

  private Instance prepare(Deadline deadline) throws InterruptedException {
    Instance next = null;
    try {
      makeRoom();
      next = watch.call(Step.START, this::start).asStarted();
      Instance started = next;
      Backend to = context.backend(started);
      context.progress().note("started " + started);
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
      throw new RolloutRollback(context, watch, previousLive, kept)
          .untouched(next, e, reason -> facts(unfit, reason));
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
      return new ContainerStarter(context.service(), context.settings(), context.containers())
          .start(image, colour, deployment);
    }
    context.start(kept.get());
    return context.again(kept.get());
  }

  private void move(Instance next, Backend to) throws InterruptedException {
    watch.run(Step.SWITCH, () -> context.loadBalancer().direct(to, previousLive.backend()));
    watch.run(Step.PROVE, () -> prove(next, to));
    if (to.takesTraffic()) {
      context.progress().note("traffic goes to " + to);
    }
    watch.run(Step.POST_SWITCH, () -> hook(Point.POST_SWITCH, next));
    BakeMonitor eye = new BakeMonitor(context, next, to);
    if (previousLive.backend().isPresent()) {
      watch.run(Step.DRAIN, () -> drain(eye, previousLive.backend().get()));
    }
    watch.run(Step.BAKE, () -> eye.bake(context.settings().bake()));
    watch.run(Step.CONFIRM, () -> context.confirm(next));
  }

  /** Where the program has ended, that is the reason, and not what the load balancer says of it. */
  private void prove(Instance next, Backend to) throws InterruptedException {
    try {
      context.routing().prove(to, context.progress());
    } catch (DeployException e) {
      throw context
          .gate()
          .end(next)
          .map(end -> new DeployException(DeployException.Kind.FAILED, end, e))
          .orElse(e);
    }
  }

  private void drain(BakeMonitor eye, Backend from) throws InterruptedException {
    OptionalLong open = eye.drain(from);
    if (open.isEmpty()) {
      context.progress().detail("the load balancer does not report the open requests of " + from);
    } else if (open.getAsLong() > 0) {
      context
          .progress()
          .note(
              "%s to %s still open after %s, and ended when it is stopped"
                  .formatted(
                      Counted.of(open.getAsLong(), "request"),
                      from,
                      Durations.text(context.settings().drain())));
    }
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
