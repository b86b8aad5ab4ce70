package dev.s3dock.agent;

import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.agent.Host.Plan;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.FailureWords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows the environments of a host until it is interrupted. Each has its own pace: one that takes
 * long holds up no other, but for the turn to deploy.
 */
public final class Agent {
  /** What is under way goes back, or ends its step. */
  private static final Duration GRACE = Duration.ofSeconds(45);

  /** Between looks at what hangs. */
  private static final Duration STUCK = Duration.ofSeconds(1);

  private final AgentParts parts;
  private final Heartbeat heart;
  private final Map<Service, Follower> followers = new ConcurrentHashMap<>();
  private final Set<Service> stepping = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Plan plan;
  private Semaphore turns = new Semaphore(1);
  private String problem = "";

  /**
   * Begins with {@link #run} or {@link #once}.
   *
   * @param heart beats for as long as no look hangs
   */
  public Agent(AgentParts parts, Heartbeat heart) {
    this.parts = parts;
    this.heart = heart;
  }

  /** So long does the end take at the most. */
  public static Duration grace() {
    return GRACE;
  }

  /** All services, by their names. */
  public List<ServiceView> views() {
    return followers.values().stream()
        .map(Follower::view)
        .sorted(Comparator.comparing(view -> view.service().toString()))
        .toList();
  }

  /** What has hung for long; empty if the agent does its work. */
  public Optional<String> stuck() {
    Plan now = plan;
    Duration patience =
        now == null ? Duration.ofMinutes(5) : now.interval().multipliedBy(4).plusMinutes(5);
    return views().stream()
        .filter(view -> !view.busy())
        .filter(view -> view.sinceLook().filter(it -> it.compareTo(patience) > 0).isPresent())
        .findFirst()
        .map(
            view ->
                "%s was not looked at for %d s"
                    .formatted(view.service(), view.sinceLook().orElseThrow().toSeconds()));
  }

  /** Looks at each service once, and returns when what is due has been done. */
  public List<ServiceView> once() throws InterruptedException {
    try (Steps steps = new Steps()) {
      refresh();
      for (Future<?> step : begin(steps.executor)) {
        await(step);
      }
    }
    return views();
  }

  private static void await(Future<?> step) throws InterruptedException {
    try {
      step.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Looks at each service, changes and reports nothing, and says what is due. */
  public List<ServiceView> check() throws InterruptedException {
    List<ServiceView> seen = new ArrayList<>();
    for (Service service : parts.host().plan().services()) {
      seen.add(new Follower(service, parts).check());
    }
    return seen;
  }

  /** Goes on until the thread is interrupted; then what is under way ends, or goes back. */
  public void run() {
    tell(Kind.STARTED, "");
    try (Steps steps = new Steps()) {
      while (true) {
        refresh();
        begin(steps.executor);
        pause();
      }
    } catch (InterruptedException e) {
      tell(Kind.STOPPED, "");
    }
  }

  private void pause() throws InterruptedException {
    Plan now = plan;
    Duration end = parts.uptime().plus(now == null ? Duration.ofSeconds(15) : now.interval());
    while (true) {
      Duration next = heart.rest();
      if (!next.isPositive() && stuck().isEmpty()) {
        heart.beat();
        next = heart.rest();
      }
      Duration left = end.minus(parts.uptime());
      if (!left.isPositive()) {
        return;
      }
      Duration most = next.isPositive() ? next : STUCK;
      Thread.sleep(left.compareTo(most) < 0 ? left : most);
    }
  }

  /** A configuration that is wrong leaves all as it was. */
  private void refresh() {
    try {
      Plan next = parts.host().plan();
      if (plan == null || plan.parallel() != next.parallel()) {
        turns = new Semaphore(next.parallel(), true);
      }
      plan = next;
      followers.keySet().removeIf(service -> !next.services().contains(service));
      next.services()
          .forEach(it -> followers.computeIfAbsent(it, name -> new Follower(name, parts)));
      problem = "";
    } catch (RuntimeException e) {
      String now = FailureWords.of(e);
      if (plan == null) {
        throw e;
      }
      if (!now.equals(problem)) {
        problem = now;
        tell(Kind.PROBLEM, now + "; the configuration as it was before holds on");
      }
    }
  }

  private List<Future<?>> begin(ExecutorService executor) {
    List<Future<?>> begun = new ArrayList<>();
    Semaphore now = turns;
    Duration interval = plan == null ? Duration.ZERO : plan.interval();
    followers.forEach(
        (service, follower) -> {
          if (stepping.add(service)) {
            begun.add(executor.submit(() -> step(service, follower, now, interval)));
          }
        });
    return begun;
  }

  private void step(Service service, Follower follower, Semaphore now, Duration interval) {
    try {
      follower.step(now, interval);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the agent ends
    } catch (RuntimeException | Error e) {
      parts
          .log()
          .happened(
              new AgentEvent(
                  parts.clock().instant(),
                  Kind.PROBLEM,
                  Optional.of(service),
                  Optional.empty(),
                  "unexpected: " + FailureWords.of(e)));
    } finally {
      stepping.remove(service);
    }
  }

  private void tell(Kind kind, String text) {
    parts
        .log()
        .happened(
            new AgentEvent(
                parts.clock().instant(), kind, Optional.empty(), Optional.empty(), text));
  }

  /** The threads of the steps; closing interrupts them, and waits until they have gone back. */
  private static final class Steps implements AutoCloseable {
    final ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("follow-", 1).factory());

    @Override
    public void close() {
      executor.shutdownNow();
      boolean interrupted = Thread.interrupted();
      try {
        executor.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
