package dev.s3dock.deploy;

import dev.s3dock.deploy.Hooks.Point;
import dev.s3dock.engine.EngineException;
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
  private final Site site;
  private final Stopwatch watch;
  private final ImageReference image;
  private final String deployment;
  private final Origin origin;
  private final Colour colour;
  private final Optional<Instance> kept;

  /**
   * Prepares a deployment.
   *
   * @param image to bring live; the engine has it
   * @param deployment a name that no other one has
   * @param origin what serves now
   * @param colour the side that a new container takes
   * @param kept an instance of the image that is proven and gets no traffic, taken in place of a
   *     new one
   */
  Rollout(
      Site site,
      Stopwatch watch,
      ImageReference image,
      String deployment,
      Origin origin,
      Colour colour,
      Optional<Instance> kept) {
    this.site = site;
    this.watch = watch;
    this.image = image;
    this.deployment = deployment;
    this.origin = origin;
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
    Backend to = site.backend(next);
    try {
      move(next, to);
    } catch (RuntimeException | InterruptedException e) {
      throw new WayBack(site, watch, origin, kept).from(next, e, reason -> facts(next, reason));
    }
    return new Live(site.again(next), retire(next));
  }

  private Instance prepare(Deadline deadline) throws InterruptedException {
    Instance next = null;
    try {
      next = watch.call(Step.START, this::start);
      Instance started = next;
      Backend to = site.backend(started);
      site.progress().note("started " + started);
      watch.run(Step.HEALTH, () -> site.gate().await(started, to, deadline, site.progress()));
      site.progress().note("%s is healthy".formatted(to.colour()));
      watch.run(Step.PRE_DEPLOY, () -> hook(Point.PRE_DEPLOY, started));
      requireReady(started, to, deadline);
      return started;
    } catch (RuntimeException | InterruptedException e) {
      Instance unfit = next;
      throw new WayBack(site, watch, origin, kept)
          .untouched(next, e, reason -> facts(unfit, reason));
    }
  }

  /** The hook may have taken its time. */
  private void requireReady(Instance next, Backend to, Deadline deadline)
      throws InterruptedException {
    if (deadline.isOver()) {
      throw new DeployException(
          DeployException.Kind.FAILED, "it was not ready for the switch within the --timeout");
    }
    HealthGate.Finding finding = site.gate().check(next, to, deadline);
    if (finding.problem().isPresent()) {
      throw new DeployException(DeployException.Kind.FAILED, finding.problem().get());
    }
  }

  private Instance start() {
    if (kept.isEmpty()) {
      return new Starter(site.service(), site.settings(), site.containers())
          .start(image, colour, deployment);
    }
    site.containers().start(kept.get().id());
    return site.again(kept.get());
  }

  private void move(Instance next, Backend to) throws InterruptedException {
    watch.run(Step.SWITCH, () -> site.traffic().direct(to, origin.backend()));
    watch.run(Step.PROVE, () -> site.prover().prove(to));
    site.progress().note("traffic goes to " + to);
    watch.run(Step.POST_SWITCH, () -> hook(Point.POST_SWITCH, next));
    Watch eye = new Watch(site, next, to);
    if (origin.backend().isPresent()) {
      watch.run(Step.DRAIN, () -> drain(eye, origin.backend().get()));
    }
    watch.run(Step.BAKE, () -> eye.bake(site.settings().bake()));
    watch.run(Step.CONFIRM, () -> site.confirm(next));
  }

  private void drain(Watch eye, Backend from) throws InterruptedException {
    OptionalLong open = eye.drain(from);
    if (open.isEmpty()) {
      site.progress().detail("the load balancer does not tell what is open to " + from);
    } else if (open.getAsLong() > 0) {
      site.progress()
          .note(
              "%d requests are still open to %s after %s: they end when it is stopped"
                  .formatted(open.getAsLong(), from, Durations.text(site.settings().drain())));
    }
  }

  /** What fails here is told, but cannot make the new container less live. */
  private String retire(Instance next) throws InterruptedException {
    try {
      watch.run(
          Step.RETIRE,
          () -> {
            if (origin.instance().isEmpty()) {
              origin.backend().ifPresent(site.traffic()::release);
            }
            new Retirement(site).ofAllBut(next, origin.instance());
          });
      return "";
    } catch (EngineException | TrafficException e) {
      return "what ran before could not be stopped: %s; the next deployment does it"
          .formatted(e.getMessage());
    }
  }

  private void hook(Point point, Instance next) throws InterruptedException {
    site.hooks().run(point, facts(next, ""));
  }

  private Map<String, String> facts(@Nullable Instance next, String reason) {
    return Facts.of(site, image, origin.instance().map(Instance::image), next, deployment, reason);
  }
}
