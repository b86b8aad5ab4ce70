package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.engine.Container;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings to an end what a deployment that died has left, so that the next one begins with at most
 * one instance that gets traffic, which is proven, and with proven ones that do not run.
 */
final class Recovery {
  private static final Duration NO_LIMIT = Duration.ofDays(1);

  private final DeployContext context;
  private boolean moved;

  Recovery(DeployContext context) {
    this.context = context;
  }

  /** Settles, and looks again. */
  Instances settle() throws InterruptedException {
    context.loadBalancer().settle();
    Instances instances = wakePart(clear());
    if (instances.live().isEmpty()) {
      instances = onlyOneMayRun() ? wakeLast(instances) : bringBack(instances);
    }
    Optional<Instance> live = instances.live();
    if (live.isPresent() && live.get().isCandidate()) {
      instances = judge(instances, live.get());
    } else if (live.isPresent()) {
      instances = complete(instances, live.get());
    }
    removeStrays(instances.strays());
    Instances settled = context.instances();
    if (settled.live().isEmpty()) {
      return settled; // whoever runs may be all that there is
    }
    retire(settled.live().get(), context.formerOf(settled));
    return context.instances();
  }

  private boolean onlyOneMayRun() {
    return context.settings().handover() == Handover.STOP_FIRST;
  }

  /** One that has died may have stopped the container that ran, to make room for another. */
  private Instances wakeLast(Instances instances) throws InterruptedException {
    removeStrays(instances.strays());
    Optional<Instance> last = context.formerOf(context.instances()).stream().findFirst();
    if (last.isPresent()) {
      context.progress().note("starting " + last.get() + " again, which ran last");
      context.start(last.get());
    }
    return context.instances();
  }

  /** They may have had traffic, and what was begun there ends there. */
  private void removeStrays(List<Instance> strays) throws InterruptedException {
    strays.forEach(
        stray ->
            context.progress().note("removing " + stray + ", left by an interrupted deployment"));
    new Retirement(context).drain(strays, true);
    for (Instance stray : strays) {
      stray.backend().ifPresent(context.loadBalancer()::release);
      context.stop(stray);
      context.remove(stray);
    }
  }

  /**
   * Whoever was to do this has died, and what it had drained is not known. One that is left running
   * has been drained long ago, unless it is only now that the traffic has been settled.
   */
  private void retire(Instance live, List<Instance> former) throws InterruptedException {
    Retirement retirement = new Retirement(context);
    retirement.drain(former, moved || !context.settings().keepWarm());
    retirement.ofAllBut(live, former.stream().findFirst());
  }

  /** A deployment may have died while it moved the traffic: then both sides get some. */
  private Instances clear() throws InterruptedException {
    try {
      Instances instances = context.instances();
      return instances.isShared() ? giveBack(instances) : instances;
    } catch (LoadBalancerException e) {
      if (e.kind() != LoadBalancerException.Kind.UNCLEAR) {
        throw e;
      }
      List<Instance> all = Instances.instances(context.service(), context.containers());
      for (Instance proven : context.formerOf(new Instances(all, List.of()))) {
        if (proven.isRunning() && isFit(proven.remaining())) {
          context
              .progress()
              .note("traffic goes to more than one container: moving it back to " + proven);
          direct(proven.remaining());
          return context.instances();
        }
      }
      throw e;
    }
  }

  /**
   * Or while it replaced one container after the other: the proven side gets all again. If it is
   * not fit, and a new one is whole and fit, the new one keeps the traffic.
   */
  private Instances giveBack(Instances instances) throws InterruptedException {
    Instance live =
        instances
            .live()
            .orElseThrow(
                () ->
                    new LoadBalancerException(
                        LoadBalancerException.Kind.UNCLEAR,
                        "traffic goes to %s, but no deployment has sent it there"
                            .formatted(instances.serving())));
    moved = true;
    Optional<Instance> next = instances.successor();
    if (next.isPresent() && !onlyOneMayRun() && isFitAlone(next.get(), live)) {
      direct(next.get());
      return context.instances();
    }
    context.progress().note("traffic goes to more than one container: moving it back to " + live);
    if (next.isEmpty()) {
      direct(live.remaining());
    } else if (onlyOneMayRun()) {
      removeStrays(instances.strays());
      context.start(live);
    } else {
      reverse(live, next.get());
    }
    return context.instances();
  }

  private boolean isFitAlone(Instance next, Instance other) throws InterruptedException {
    return next.isWhole(Container::isRunning) && !isFit(other.remaining()) && isFit(next);
  }

  private void reverse(Instance old, Instance next) throws InterruptedException {
    moved = true;
    new RollingReversal(context, old, next, context.settings().drain()).run();
  }

  /** One that died while it went back may have left some of the old ones stopped. */
  private Instances wakePart(Instances instances) throws InterruptedException {
    Optional<Instance> live =
        instances.live().filter(it -> !it.isCandidate() && isRunningInPart(it));
    Optional<Instance> stray = instances.strays().stream().findFirst();
    if (!context.settings().isRolling() || live.isEmpty() || stray.isEmpty()) {
      return instances;
    }
    if (onlyOneMayRun()) {
      removeStrays(instances.strays());
      context.start(live.get());
    } else {
      reverse(live.get(), stray.get());
    }
    return context.instances();
  }

  private static boolean isRunningInPart(Instance instance) {
    return instance.isRunning() && !instance.isWhole(Container::isRunning);
  }

  /** The load balancer sends traffic to nobody, as one that has lost its state: is anybody fit? */
  private Instances bringBack(Instances instances) throws InterruptedException {
    for (Instance former : context.formerOf(instances)) {
      if (former.isRunning() && isFit(former.remaining())) {
        context
            .progress()
            .note("the load balancer sends traffic to no container: moving it back to " + former);
        direct(former.remaining());
        return context.instances();
      }
    }
    return instances;
  }

  /**
   * Only some of the containers get traffic: one that had died is back, or a change was cut off.
   */
  private Instances complete(Instances instances, Instance live) throws InterruptedException {
    boolean all =
        live.backend()
            .filter(it -> instances.serving().stream().anyMatch(it::hasSameServersAs))
            .isPresent();
    if (all || !live.isWhole(Container::isRunning) || !isFit(live)) {
      return instances;
    }
    context.progress().note("traffic goes to some containers only: sending it to all of " + live);
    direct(live);
    return context.instances();
  }

  /** A deployment died between its switch and its end. */
  private Instances judge(Instances instances, Instance live) throws InterruptedException {
    if (live.isRunning() && isFit(live)) {
      context.progress().note("keeping " + live + ", which an interrupted deployment brought live");
      direct(live);
      context.confirm(live);
      return context.instances();
    }
    for (Instance former : context.formerOf(instances)) {
      boolean replacedInPart = isRunningInPart(former);
      Instance awake = replacedInPart ? former.remaining() : awake(former);
      if (isFit(awake)) {
        context.progress().note(live + " is not healthy: moving the traffic back to " + awake);
        if (replacedInPart) {
          reverse(former, live);
        } else {
          direct(awake);
        }
        return context.instances();
      }
    }
    return instances; // nobody is fit: what comes next can only be better
  }

  private void direct(Instance to) {
    moved = true;
    context.loadBalancer().direct(context.backend(to), Optional.empty());
  }

  private Instance awake(Instance former) {
    if (!former.isRunning()) {
      context.start(former);
    }
    return context.again(former).remaining();
  }

  private boolean isFit(Instance instance) throws InterruptedException {
    try {
      context.gate().await(instance, Deadline.in(NO_LIMIT), context.progress());
      return true;
    } catch (DeployException e) {
      context.progress().note("%s is not healthy: %s".formatted(instance, e.getMessage()));
      return false;
    }
  }
}
