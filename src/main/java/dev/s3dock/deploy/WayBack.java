package dev.s3dock.deploy;

import dev.s3dock.deploy.Hooks.Point;
import dev.s3dock.deploy.Reverted.Ending;
import dev.s3dock.deploy.Reverted.Traced;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Undoes a deployment that failed: traffic first, and only then the container. It runs to its end
 * also when the process was asked to stop; the request is kept for afterwards.
 */
final class WayBack {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration HASTY = Duration.ofSeconds(5);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);

  private final Site site;
  private final Stopwatch watch;
  private final Origin origin;
  private final Optional<Instance> kept;

  /**
   * Prepares the way.
   *
   * @param origin what served before
   * @param kept the instance that was there before this deployment, and stays
   */
  WayBack(Site site, Stopwatch watch, Origin origin, Optional<Instance> kept) {
    this.site = site;
    this.watch = watch;
    this.origin = origin;
    this.kept = kept;
  }

  /** After a failure before the switch: takes the container away. */
  Reverted untouched(
      @Nullable Instance next, Exception cause, Function<String, Map<String, String>> facts) {
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    try {
      return discard(Ending.UNTOUCHED, next, cause, new ArrayList<>(), facts);
    } finally {
      restore(interrupted);
    }
  }

  /** After a failure from the switch on: moves the traffic back, then takes the container away. */
  Reverted from(Instance next, Exception cause, Function<String, Map<String, String>> facts) {
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    List<String> remarks = new ArrayList<>();
    try {
      if (origin.backend().isPresent()) {
        watch.run(Step.GO_BACK, () -> direct(origin.backend().get()));
        site.progress().note("traffic goes back to " + origin.backend().get());
        tryTo(
            "what is open to the new container could not be waited for",
            remarks,
            () -> watch.run(Step.DRAIN, () -> drain(next, interrupted)));
      }
      return discard(Ending.BACK, next, cause, remarks, facts);
    } catch (RuntimeException | InterruptedException e) {
      remarks.add("going back failed: " + reason(e));
      return failed(Ending.STUCK, cause, lastLines(next, remarks), remarks, facts);
    } finally {
      restore(interrupted);
    }
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
        site.traffic().direct(to, Optional.empty());
        site.prover().prove(to);
        return;
      } catch (TrafficException e) {
        if (deadline.isOver()) {
          throw e;
        }
        deadline.pause(BETWEEN_TRIES);
      }
    }
  }

  /** What users have begun on the new container ends there, if it still can. */
  private void drain(Instance next, boolean hasty) throws InterruptedException {
    Optional<Backend> backend = next.backend();
    Duration drain = site.settings().drain();
    Deadline deadline = Deadline.in(hasty && drain.compareTo(HASTY) > 0 ? HASTY : drain);
    while (backend.isPresent() && !deadline.isOver() && site.again(next).isRunning()) {
      OptionalLong open = site.traffic().inFlight(backend.get());
      if (open.isPresent() && open.getAsLong() == 0) {
        return;
      }
      deadline.pause(BETWEEN_TRIES);
    }
  }

  private Reverted discard(
      Ending ending,
      @Nullable Instance next,
      Exception cause,
      List<String> remarks,
      Function<String, Map<String, String>> facts) {
    if (next == null) {
      return failed(ending, cause, List.of(), remarks, facts);
    }
    List<String> log = lastLines(next, remarks);
    tryTo(
        "container %s is still there, the next deployment removes it"
            .formatted(next.container().name()),
        remarks,
        () -> watch.run(Step.DISCARD, () -> takeAway(next, ending == Ending.BACK)));
    return failed(ending, cause, log, remarks, facts);
  }

  private void takeAway(Instance next, boolean hadTraffic) {
    next.backend().ifPresent(site.traffic()::release);
    boolean stays = kept.filter(Instance::isRunning).isPresent();
    if (!stays && (hadTraffic || kept.isPresent())) {
      site.containers().stop(next.id(), site.settings().stopGrace());
    }
    if (kept.isEmpty()) {
      site.containers().remove(next.id());
    }
  }

  private List<String> lastLines(Instance next, List<String> remarks) {
    try {
      return site.lastLines(next);
    } catch (RuntimeException e) {
      remarks.add("its log could not be read: " + reason(e));
      return List.of();
    }
  }

  private Reverted failed(
      Ending ending,
      Exception cause,
      List<String> log,
      List<String> remarks,
      Function<String, Map<String, String>> facts) {
    String reason = reason(cause);
    try {
      site.hooks().run(Point.FAILED, facts.apply(reason));
    } catch (RuntimeException | InterruptedException e) {
      remarks.add(reason(e));
    }
    return new Reverted(new Traced(ending, reason, origin.name(), log, remarks), cause);
  }

  private String reason(Exception e) {
    if (e instanceof InterruptedException) {
      return "interrupted";
    }
    return site.settings().secrets().mask(e.getMessage() == null ? e.toString() : e.getMessage());
  }
}
