package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.EngineException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives all traffic back to an instance that another one has replaced in part. It looks where
 * things stand and remembers nothing, so that it also ends what a process that died has begun.
 *
 * <p>As long as the new containers are healthy, they serve until the old ones do so again, one for
 * one. If they are not, the old ones that still run get all traffic at once.
 */
final class RollingReversal {
  private static final Duration NO_LIMIT = Duration.ofDays(1);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);

  private final DeployContext context;
  private final Instance old;
  private final Instance next;
  private final Duration drain;
  private final Set<String> back = new HashSet<>();
  private final List<Container> there = new ArrayList<>();

  /**
   * Prepares it.
   *
   * @param old gets the traffic again, as far as its containers are healthy
   * @param next is removed, or stopped if it was proven before
   * @param drain how long requests on containers of it may go on
   */
  RollingReversal(DeployContext context, Instance old, Instance next, Duration drain) {
    this.context = context;
    this.old = old;
    this.next = next;
    this.drain = drain;
  }

  /**
   * Goes all the way back.
   *
   * @return where traffic goes now
   * @throws LoadBalancerException {@code UNCLEAR} if no container of either side serves
   */
  Backend run() throws InterruptedException {
    Instances now =
        new Instances(List.of(context.again(old), next), context.loadBalancer().serving());
    now.serving(now.instances().getFirst()).forEach(it -> back.add(it.id()));
    there.addAll(now.serving(next));
    leave(next.containers().stream().filter(it -> !there.contains(it)).toList());
    List<Container> asleep = withoutTraffic(now.instances().getFirst());
    if (!asleep.isEmpty() && !there.isEmpty() && !back.isEmpty() && !isHealthy(there)) {
      giveUp();
    }
    for (Container container : asleep) {
      if (!container.isRunning() && !back.isEmpty() && there.size() + back.size() > most()) {
        makeRoom();
      }
      if (isAwake(container)) {
        back.add(container.id());
        makeRoom();
      }
    }
    return end();
  }

  /** Those that run are waited for first: no further one may run beside them. */
  private List<Container> withoutTraffic(Instance instance) {
    return instance.containers().stream()
        .filter(it -> !back.contains(it.id()))
        .sorted(Comparator.comparing(it -> !it.isRunning()))
        .toList();
  }

  /** None of the new ones is fit: those that run have to do. */
  private void giveUp() throws InterruptedException {
    context
        .progress()
        .note("%s is not healthy: all traffic goes to what runs of %s".formatted(next, old));
    direct(backend());
    leave(there);
    there.clear();
  }

  /** So many may run before another one is started. */
  private int most() {
    return Math.max(context.settings().replicas(), old.containers().size());
  }

  /** One more of the old ones is back, so one of the new ones goes. */
  private void makeRoom() throws InterruptedException {
    if (there.isEmpty()) {
      direct(backend());
    } else if (context.settings().isRolling()) {
      List<Container> gone = there.size() == 1 ? List.of() : List.of(there.removeLast());
      Backend stay = context.backend(next.part(there));
      Backend former = backend();
      retried(() -> context.loadBalancer().share(stay, former));
      leave(gone);
    }
  }

  private Backend end() throws InterruptedException {
    if (back.isEmpty() && there.isEmpty()) {
      throw new LoadBalancerException(
          LoadBalancerException.Kind.UNCLEAR,
          "neither a container of %s nor one of %s serves: see their logs, and start one that does"
              .formatted(old, next));
    }
    Backend to = back.isEmpty() ? context.backend(next.part(there)) : backend();
    direct(to);
    if (!back.isEmpty()) {
      leave(there);
    }
    return to;
  }

  /** In their order. */
  private Backend backend() {
    Instance now = context.again(old);
    return context.backend(
        now.part(now.containers().stream().filter(it -> back.contains(it.id())).toList()));
  }

  private void direct(Backend to) throws InterruptedException {
    retried(() -> context.loadBalancer().direct(to, Optional.empty()));
  }

  /** A load balancer that is being restarted gets a moment. */
  private void retried(Runnable order) throws InterruptedException {
    Deadline deadline = Deadline.in(LIMIT);
    while (true) {
      try {
        order.run();
        return;
      } catch (LoadBalancerException e) {
        if (deadline.isOver()) {
          throw e;
        }
        deadline.pause(BETWEEN_TRIES);
      }
    }
  }

  private boolean isHealthy(List<Container> containers) throws InterruptedException {
    return context
        .gate()
        .check(next.part(containers), Deadline.in(context.settings().health().timeout()))
        .problem()
        .isEmpty();
  }

  /** One that cannot serve again is left out. */
  private boolean isAwake(Container container) throws InterruptedException {
    Instance part = old.part(List.of(container));
    if (!container.isRunning()) {
      context.progress().note("starting " + part + " again");
    }
    try {
      context.start(part);
      Instance now = context.again(part);
      context.gate().await(now.asStarted(), Deadline.in(NO_LIMIT), context.progress());
      return true;
    } catch (DeployException e) {
      context.progress().note("%s is not healthy: %s".formatted(part, e.getMessage()));
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.UNAVAILABLE) {
        throw e;
      }
      context.progress().note("%s cannot be started: %s".formatted(part, e.getMessage()));
    }
    return false;
  }

  private void leave(List<Container> containers) throws InterruptedException {
    if (containers.isEmpty()) {
      return;
    }
    Instance part = next.part(containers);
    new Retirement(context).drain(part, Deadline.in(drain), true);
    part.backend().ifPresent(context.loadBalancer()::release);
    context.stop(part);
    if (next.isCandidate()) {
      context.remove(part);
    }
  }
}
