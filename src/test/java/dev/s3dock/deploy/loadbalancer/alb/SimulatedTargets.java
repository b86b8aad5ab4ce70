package dev.s3dock.deploy.loadbalancer.alb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The targets of a group, as the Elastic Load Balancing User Guides tell it ("Target health
 * status", "Deregistration delay"): a new target is initial until its first checks have been made,
 * then healthy or unhealthy; one that was deregistered is draining until the delay is over, whether
 * requests are open or not, and is gone then. Not safe for threads: the server locks.
 */
final class SimulatedTargets {
  static final String DELAY = "deregistration_delay.timeout_seconds";

  /** What the docs name first of the two reasons to be initial. */
  private static final String IN_PROGRESS = "Elb.RegistrationInProgress";

  private static final String CHECKING = "Elb.InitialHealthChecking";

  final Map<String, String> attributes = new TreeMap<>(Map.of(DELAY, "4"));
  private final Map<Target, Entry> entries = new LinkedHashMap<>();
  private final LongSupplier seconds;
  private Function<Target, Optional<Reason>> checks = target -> Optional.empty();
  private int initial = 2;
  private boolean attached = true;

  /**
   * An empty group.
   *
   * @param seconds the time
   */
  SimulatedTargets(LongSupplier seconds) {
    this.seconds = seconds;
  }

  /** What a target is called. */
  record Target(String id, int port) {
    @Override
    public String toString() {
      return id + ":" + port;
    }
  }

  /** A code and its words. */
  record Reason(String code, String words) {}

  /**
   * Its health.
   *
   * @param reason empty for one that is healthy
   */
  record Health(String state, Optional<Reason> reason) {}

  private static final class Entry {
    long since;
    boolean draining;
  }

  /** How many seconds a target is initial. */
  void beInitial(int forSeconds) {
    initial = forSeconds;
  }

  /** What a health check finds wrong; empty if nothing. */
  void check(Function<Target, Optional<Reason>> by) {
    checks = by;
  }

  /** Whether a listener forwards to the group. */
  void attach(boolean is) {
    attached = is;
  }

  boolean isAttached() {
    return attached;
  }

  void register(Target target) {
    Entry entry = entries.get(target);
    if (entry == null || entry.draining) {
      entry = new Entry();
      entry.since = seconds.getAsLong();
      entries.put(target, entry);
    }
  }

  void deregister(Target target) {
    Entry entry = entries.get(target);
    if (entry != null && !entry.draining) {
      entry.draining = true;
      entry.since = seconds.getAsLong();
    }
  }

  /** Those that are registered or draining. */
  List<Target> all() {
    long delay = Long.parseLong(attributes.get(DELAY));
    entries.values().removeIf(it -> it.draining && seconds.getAsLong() - it.since >= delay);
    return List.copyOf(entries.keySet());
  }

  Health health(Target target) {
    Entry entry = all().contains(target) ? entries.get(target) : null;
    if (entry == null) {
      return new Health(
          "unused",
          Optional.of(
              new Reason("Target.NotRegistered", "Target is not registered to the target group")));
    }
    if (entry.draining) {
      return new Health(
          "draining",
          Optional.of(
              new Reason(
                  "Target.DeregistrationInProgress", "Target deregistration is in progress")));
    }
    if (!attached) {
      return new Health(
          "unused",
          Optional.of(
              new Reason(
                  "Target.NotInUse",
                  "Target group is not configured to receive traffic from the load balancer")));
    }
    long age = seconds.getAsLong() - entry.since;
    if (age < initial) {
      return new Health(
          "initial",
          Optional.of(
              age == 0
                  ? new Reason(IN_PROGRESS, "Target registration is in progress")
                  : new Reason(CHECKING, "Initial health checks in progress")));
    }
    Optional<Reason> wrong = checks.apply(target);
    return new Health(wrong.isEmpty() ? "healthy" : "unhealthy", wrong);
  }

  /** Those that new requests are sent to: the healthy ones, and if none is, all but the initial. */
  List<Target> serving() {
    List<Target> healthy = inState("healthy");
    return healthy.isEmpty() ? inState("unhealthy") : healthy;
  }

  private List<Target> inState(String state) {
    List<Target> found = new ArrayList<>();
    for (Target target : all()) {
      if (health(target).state().equals(state)) {
        found.add(target);
      }
    }
    return found;
  }
}
