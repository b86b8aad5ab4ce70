package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Instance;
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

  Recovery(DeployContext context) {
    this.context = context;
  }

  /** Settles, and looks again. */
  Instances settle() throws InterruptedException {
    Instances instances = clear();
    if (instances.live().isEmpty()) {
      instances = bringBack(instances);
    }
    Optional<Instance> live = instances.live();
    if (live.isPresent() && live.get().isCandidate()) {
      instances = judge(instances, live.get());
    }
    for (Instance stray : instances.strays()) {
      context.progress().note("removing " + stray + ", left by an interrupted deployment");
      stray.backend().ifPresent(context.loadBalancer()::release);
      context
          .containers()
          .stop(stray.id(), context.settings().stopGrace()); // it may have had traffic
      context.containers().remove(stray.id());
    }
    Instances settled = context.instances();
    if (settled.live().isEmpty()) {
      return settled; // whoever runs may be all that there is
    }
    List<Instance> former = context.formerOf(settled);
    new Retirement(context).ofAllBut(settled.live().get(), former.stream().findFirst());
    return context.instances();
  }

  /** A deployment may have died while it moved the traffic: then both sides get some. */
  private Instances clear() throws InterruptedException {
    try {
      return context.instances();
    } catch (LoadBalancerException e) {
      if (e.kind() != LoadBalancerException.Kind.UNCLEAR) {
        throw e;
      }
      List<Instance> all = Instances.instances(context.service(), context.containers());
      for (Instance proven : context.formerOf(new Instances(all, Optional.empty()))) {
        if (proven.isRunning() && isFit(proven)) {
          context
              .progress()
              .note("traffic goes to more than one container: moving it back to " + proven);
          context.loadBalancer().direct(context.backend(proven), Optional.empty());
          return context.instances();
        }
      }
      throw e;
    }
  }

  /** The load balancer sends traffic to nobody, as one that has lost its state: is anybody fit? */
  private Instances bringBack(Instances instances) throws InterruptedException {
    for (Instance former : context.formerOf(instances)) {
      if (former.isRunning() && isFit(former)) {
        context
            .progress()
            .note("the load balancer sends traffic to no container: moving it back to " + former);
        context.loadBalancer().direct(context.backend(former), Optional.empty());
        return context.instances();
      }
    }
    return instances;
  }

  /** A deployment died between its switch and its end. */
  private Instances judge(Instances instances, Instance live) throws InterruptedException {
    if (live.isRunning() && isFit(live)) {
      context.progress().note("keeping " + live + ", which an interrupted deployment brought live");
      context.loadBalancer().direct(context.backend(live), Optional.empty());
      context.confirm(live);
      return context.instances();
    }
    for (Instance former : context.formerOf(instances)) {
      Instance awake = awake(former);
      if (isFit(awake)) {
        context.progress().note(live + " is not healthy: moving the traffic back to " + awake);
        context.loadBalancer().direct(context.backend(awake), Optional.empty());
        return context.instances();
      }
    }
    return instances; // nobody is fit: what comes next can only be better
  }

  private Instance awake(Instance former) {
    if (!former.isRunning()) {
      context.containers().start(former.id());
    }
    return context.again(former);
  }

  private boolean isFit(Instance instance) throws InterruptedException {
    try {
      context
          .gate()
          .await(instance, context.backend(instance), Deadline.in(NO_LIMIT), context.progress());
      return true;
    } catch (DeployException e) {
      context.progress().note("%s is not healthy: %s".formatted(instance, e.getMessage()));
      return false;
    }
  }
}
