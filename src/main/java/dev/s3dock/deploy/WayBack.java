package dev.s3dock.deploy;

import dev.s3dock.deploy.Hooks.Point;
import dev.s3dock.deploy.Reverted.Ending;
import dev.s3dock.deploy.Reverted.Traced;
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
final class WayBack {
  private static final Duration LIMIT = Duration.ofSeconds(10);
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
      return discard(Ending.UNTOUCHED, next, cause, facts);
    } finally {
      restore(interrupted);
    }
  }

  /** After a failure from the switch on: moves the traffic back, then takes the container away. */
  Reverted from(Instance next, Exception cause, Function<String, Map<String, String>> facts) {
    boolean interrupted = Thread.interrupted() || cause instanceof InterruptedException;
    try {
      if (origin.backend().isPresent()) {
        watch.run(Step.GO_BACK, () -> direct(origin.backend().get()));
        site.progress().note("traffic goes back to " + origin.backend().get());
      }
      return discard(Ending.BACK, next, cause, facts);
    } catch (RuntimeException | InterruptedException e) {
      List<String> remarks = new ArrayList<>(List.of("going back failed: " + reason(e)));
      List<String> log = lastLines(next, remarks);
      return failed(Ending.STUCK, cause, log, remarks, facts);
    } finally {
      restore(interrupted);
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
        site.traffic().direct(to);
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

  private Reverted discard(
      Ending ending,
      @Nullable Instance next,
      Exception cause,
      Function<String, Map<String, String>> facts) {
    List<String> remarks = new ArrayList<>();
    List<String> log = List.of();
    if (next != null) {
      log = lastLines(next, remarks);
      try {
        watch.run(Step.DISCARD, () -> takeAway(next));
      } catch (RuntimeException | InterruptedException e) {
        remarks.add(
            "container %s is still there (%s): the next deployment removes it"
                .formatted(next.container().name(), reason(e)));
      }
    }
    return failed(ending, cause, log, remarks, facts);
  }

  private void takeAway(Instance next) {
    next.backend().ifPresent(site.traffic()::release);
    if (kept.isEmpty()) {
      site.containers().remove(next.id());
    } else if (!kept.get().isRunning()) {
      site.containers().stop(next.id(), site.settings().stopGrace());
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
