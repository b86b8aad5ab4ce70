package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.engine.Container;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Replaces the containers of an instance one after the other. Both sides share the traffic
 * meanwhile. It ends when all new ones run, and one of the old ones: what follows is the switch of
 * every deployment, from the old one to all of the new ones.
 *
 * <p>Never do more than one more run than there should be; where the old ones have to stop first,
 * never more than that.
 */
final class RollingUpdate {
  private static final Duration NO_LIMIT = Duration.ofDays(1);

  private final DeployContext context;
  private final Stopwatch watch;
  private final IntFunction<Container> starter;
  private final Instance former;
  private final List<Container> before;
  private final List<Container> started = new ArrayList<>();

  /**
   * Prepares it.
   *
   * @param former serves until now; what of it has died is left alone
   * @param starter starts the new container of a number, from 1
   */
  RollingUpdate(
      DeployContext context, Stopwatch watch, Instance former, IntFunction<Container> starter) {
    this.context = context;
    this.watch = watch;
    this.starter = starter;
    this.former = former;
    this.before = new ArrayList<>(former.remaining().containers());
  }

  /** The new containers that are there; empty if none is. */
  Optional<Instance> next() {
    return Instance.of(started).stream().findFirst().map(all -> all.part(all.containers()));
  }

  private Instance requireNext() {
    return next().orElseThrow();
  }

  /** Where the old ones that have not been replaced take requests; empty if none is left. */
  Optional<Backend> left() {
    return before.isEmpty() ? Optional.empty() : Optional.of(context.backend(former.part(before)));
  }

  /** Starts the first of the new ones, which gets no traffic yet. */
  Instance first() throws InterruptedException {
    if (stopsFirst()) {
      stop(takeOver());
    }
    start();
    return requireNext();
  }

  /**
   * Goes on until all new ones run, and are healthy: each time all that are there, since one that
   * has died meanwhile would not be missed by a load balancer that has others.
   */
  void rest() throws InterruptedException {
    while (started.size() < context.settings().replicas()) {
      if (stopsFirst()) {
        stop(takeOver());
      } else {
        replace(takeOver());
      }
      start();
      Instance next = requireNext();
      watch.run(
          Step.HEALTH, () -> context.gate().await(next, Deadline.in(NO_LIMIT), context.progress()));
    }
  }

  private boolean stopsFirst() {
    return context.settings().handover() == Handover.STOP_FIRST;
  }

  private void start() throws InterruptedException {
    int number = started.size() + 1;
    started.add(watch.call(Step.START, () -> starter.apply(number)).asStarted());
    context
        .progress()
        .note(
            "started %s, %d of %d"
                .formatted(started.getLast().name(), number, context.settings().replicas()));
  }

  /** Takes those off the list of the old ones for which the new ones stand in. */
  private List<Container> takeOver() {
    int most = context.settings().replicas() - started.size() - (stopsFirst() ? 1 : 0);
    List<Container> over = before.subList(0, Math.max(0, before.size() - most));
    List<Container> taken = List.copyOf(over);
    over.clear();
    return taken;
  }

  private void stop(List<Container> old) throws InterruptedException {
    if (!old.isEmpty()) {
      Instance part = former.part(old);
      context.progress().note("stopping " + part);
      watch.run(Step.MAKE_ROOM, () -> context.stop(part));
    }
  }

  private void replace(List<Container> old) throws InterruptedException {
    Instance next = requireNext();
    List<Backend> serving = List.of(context.backend(next), left().orElseThrow());
    watch.run(
        Step.SWITCH, () -> context.loadBalancer().share(serving.getFirst(), serving.getLast()));
    watch.run(Step.PROVE, () -> context.prove(next, serving));
    if (serving.getFirst().takesTraffic()) {
      context
          .progress()
          .note("traffic goes to %s and %s".formatted(serving.getFirst(), serving.getLast()));
    }
    if (!old.isEmpty()) {
      Instance part = former.part(old);
      Backend from = context.backend(part);
      watch.run(Step.DRAIN, () -> new BakeMonitor(context, next, serving).drain(from));
      watch.run(Step.RETIRE, () -> retire(part, from));
    }
  }

  /** It is kept, and the way back wakes it. */
  private void retire(Instance old, Backend from) {
    context.progress().note("stopping " + old);
    context.loadBalancer().release(from);
    context.stop(old);
  }
}
