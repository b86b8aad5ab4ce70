package dev.s3dock.deploy;

import dev.s3dock.deploy.RolloutFailure.Ending;
import dev.s3dock.deploy.RolloutFailure.Traced;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.Handover;
import dev.s3dock.deploy.service.Hooks.Point;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.deploy.service.Stopwatch;
import dev.s3dock.image.FailureWords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Undoes a deployment that failed: traffic first, and only then the container. It runs to its end
 * also when the process was asked to stop; the request is kept for afterwards.
 */
final class RolloutRollback {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration HASTY = Duration.ofSeconds(5);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);

  private final DeployContext context;
  private final Stopwatch watch;
  private final PreviousLive previousLive;
  private final Optional<Instance> kept;

  /**
   * Prepares the way.
   *
   * @param previousLive what served before
   * @param kept the instance that was there before this deployment, and stays
   */
  RolloutRollback(
      DeployContext context, Stopwatch watch, PreviousLive previousLive, Optional<Instance> kept) {
    this.context = context;
    this.watch = watch;
    this.previousLive = previousLive;
    this.kept = kept;
  }

  /** After a failure before the switch: takes the container away. */
  RolloutFailure untouched(
      @Nullable Instance next, Exception cause, Function<String, Map<String, String>> facts) {
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    try {
      return discard(
          onlyOneMayRun() ? Ending.BACK : Ending.UNTOUCHED, next, cause, new ArrayList<>(), facts);
    } finally {
      restore(interrupted);
    }
  }

  /** After a failure from the switch on: moves the traffic back, then takes the container away. */
  RolloutFailure from(Instance next, Exception cause, Function<String, Map<String, String>> facts) {
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    List<String> remarks = new ArrayList<>();
    try {
      if (isReversed()) {
        List<String> log = lastLines(next, remarks);
        watch.run(Step.GO_BACK, () -> reverse(previousLive.instance().get(), next, interrupted));
        return failed(Ending.BACK, cause, log, remarks, facts);
      }
      if (previousLive.backend().isPresent()) {
        watch.run(Step.GO_BACK, () -> direct(previousLive.backend().get()));
        context.progress().note("moving the traffic back to " + previousLive.backend().get());
        tryTo(
            "could not wait for the open requests of the new container",
            remarks,
            () -> watch.run(Step.DRAIN, () -> drain(next, interrupted)));
      }
      return discard(Ending.BACK, next, cause, remarks, facts);
    } catch (RuntimeException | InterruptedException e) {
      remarks.add("the rollback failed: " + reason(e));
      Ending ending = isReversed() ? Ending.SHARED : Ending.STUCK;
      return failed(ending, cause, lastLines(next, remarks), remarks, facts);
    } finally {
      restore(interrupted);
    }
  }

  /** Some of the old ones may have been stopped; where they stop first, all are started anew. */
  private boolean isReversed() {
    return context.settings().isRolling()
        && !onlyOneMayRun()
        && previousLive.instance().isPresent();
  }

  private void reverse(Instance before, Instance next, boolean hasty) throws InterruptedException {
    context.progress().note("moving the traffic back to " + before);
    Backend back = new RollingReversal(context, before.remaining(), next, patience(hasty)).run();
    context.routing().prove(List.of(back), context.progress());
  }

  private void tryTo(String orElse, List<String> remarks, Stopwatch.Action action) {
    try {
      action.run();
    } catch (RuntimeException | InterruptedException e) {
      remarks.add("%s (%s)".formatted(orElse, reason(e)));
    }
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A load balancer that is being restarted gets a moment. */
  private void direct(Backend to) throws InterruptedException {
    Deadline deadline = Deadline.in(LIMIT);
    while (true) {
      try {
        context.loadBalancer().direct(to, Optional.empty());
        context.routing().prove(List.of(to), context.progress());
        return;
      } catch (LoadBalancerException e) {
        if (deadline.isOver()) {
          throw e;
        }
        deadline.pause(BETWEEN_TRIES);
      }
    }
  }

  /** What users have begun on the new container ends there, if it still can. */
  private void drain(Instance next, boolean hasty) throws InterruptedException {
    new Retirement(context).drain(next, Deadline.in(patience(hasty)), true);
  }

  private Duration patience(boolean hasty) {
    Duration drain = context.settings().drain();
    return hasty && drain.compareTo(HASTY) > 0 ? HASTY : drain;
  }

  private RolloutFailure discard(
      Ending ending,
      @Nullable Instance next,
      Exception cause,
      List<String> remarks,
      Function<String, Map<String, String>> facts) {
    if (next == null) {
      wake(remarks);
      return failed(ending, cause, List.of(), remarks, facts);
    }
    List<String> log = lastLines(next, remarks);
    tryTo(
        "container %s is still there, the next deployment removes it".formatted(next.name()),
        remarks,
        () -> watch.run(Step.DISCARD, () -> takeAway(next, ending == Ending.BACK)));
    wake(remarks);
    return failed(ending, cause, log, remarks, facts);
  }

  private boolean onlyOneMayRun() {
    return context.settings().handover() == Handover.STOP_FIRST;
  }

  /** Where only one may run at a time, the one before was stopped, maybe by one that has died. */
  private void wake(List<String> remarks) {
    if (!onlyOneMayRun()) {
      return;
    }
    tryTo(
        "the container that ran before could not be started again",
        remarks,
        () -> {
          Optional<Instance> before =
              previousLive
                  .instance()
                  .or(() -> context.formerOf(context.instances()).stream().findFirst())
                  .filter(it -> kept.filter(it::isSame).isEmpty());
          if (before.isPresent()) {
            watch.run(Step.GO_BACK, () -> context.start(before.get()));
          }
        });
  }

  private void takeAway(Instance next, boolean hadTraffic) {
    next.backend().ifPresent(context.loadBalancer()::release);
    boolean stays = kept.filter(Instance::isRunning).isPresent();
    if (!stays && (hadTraffic || kept.isPresent())) {
      context.stop(next);
    }
    if (kept.isEmpty()) {
      context.remove(next);
    }
  }

  private List<String> lastLines(Instance next, List<String> remarks) {
    try {
      return context.lastLines(next);
    } catch (RuntimeException e) {
      remarks.add("its log could not be read: " + reason(e));
      return List.of();
    }
  }

  private RolloutFailure failed(
      Ending ending,
      Exception cause,
      List<String> log,
      List<String> remarks,
      Function<String, Map<String, String>> facts) {
    String reason = reason(cause);
    try {
      context.hooks().run(Point.FAILED, facts.apply(reason));
    } catch (RuntimeException | InterruptedException e) {
      remarks.add(reason(e));
    }
    return new RolloutFailure(new Traced(ending, reason, previousLive.name(), log, remarks), cause);
  }

  private String reason(Exception e) {
    if (e instanceof InterruptedException) {
      return "interrupted";
    }
    return context
        .settings()
        .secrets()
        .mask(e.getMessage() == null ? FailureWords.of(e) : e.getMessage());
  }
}
