package dev.s3dock.testing;

import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs a few clients of one {@link MemoryObjectStore} in every order of their store calls, up to a
 * number of preemptions: one client at a time runs from one call to the next, and a schedule says
 * who is next. Each schedule starts from a fresh world.
 *
 * <p>A call of which no other client can notice anything is no choice: it touches a key that no
 * other client writes, or reads or lists if it is itself a write. Which keys those are is learnt
 * from a run of each client alone; a key that is not known from there counts as shared.
 */
public final class Interleavings {
  /** What the clients work on, made anew for each schedule. */
  public interface World {
    MemoryObjectStore store();

    /** What each client does; what it returns or throws is its outcome. */
    List<Callable<String>> clients();
  }

  /**
   * How one client ended.
   *
   * @param result what it returned; empty if it threw
   */
  public record Outcome(Optional<String> result, Optional<Exception> failure) {}

  /**
   * One schedule and what came of it.
   *
   * @param steps who made which call, in order
   */
  public record Run<W extends World>(W world, List<Outcome> outcomes, List<String> steps) {}

  /** A client that lets time pass, until no other one has anything left to do. */
  private static final Access PAUSE = new Access(false, false, "(pause)");

  private static final ThreadLocal<Schedule> CURRENT = new ThreadLocal<>();

  /** Called by a client: waits until all others that do not wait in this way have ended. */
  public static void pause() {
    Schedule schedule = CURRENT.get();
    if (schedule != null) {
      schedule.at(PAUSE, "PAUSE");
    }
  }

  private record Access(boolean write, boolean list, String key) {
    boolean conflictsWith(Access other) {
      if (!write && !other.write) {
        return false;
      }
      return list
          ? other.key.startsWith(key)
          : other.list ? key.startsWith(other.key) : key.equals(other.key);
    }
  }

  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private Interleavings() {}

  /**
   * Explores all schedules.
   *
   * @param preemptions how often a client that could go on has to wait for another, at most
   * @param check of the end of each; throws an AssertionError if something is wrong
   * @return how many schedules there were
   */
  public static <W extends World> long explore(
      Supplier<W> worlds, int preemptions, Consumer<Run<W>> check) {
    List<Set<Access>> alone = alone(worlds);
    Deque<List<Integer>> pending = new ArrayDeque<>();
    pending.push(List.of());
    long count = 0;
    while (!pending.isEmpty()) {
      List<Integer> prefix = pending.pop();
      W world = worlds.get();
      Schedule schedule = new Schedule(world, prefix, alone, preemptions);
      List<Outcome> outcomes = schedule.run();
      count++;
      Run<W> run = new Run<>(world, outcomes, schedule.steps);
      try {
        check.accept(run);
      } catch (AssertionError e) {
        throw new AssertionError(
            "schedule %s:%n%s%noutcomes %s%n%s"
                .formatted(
                    schedule.choices, String.join("\n", run.steps()), outcomes, e.getMessage()),
            e);
      }
      schedule.alternatives.forEach(pending::push);
    }
    return count;
  }

  private static <W extends World> List<Set<Access>> alone(Supplier<W> worlds) {
    int clients = worlds.get().clients().size();
    List<Set<Access>> alone = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      W world = worlds.get();
      Set<Access> accesses = new HashSet<>();
      world.store().before((operation, key) -> accesses.add(access(operation, key)));
      try {
        world.clients().get(i).call();
      } catch (Exception e) {
        throw new IllegalStateException("client " + i + " fails when it is alone", e);
      }
      alone.add(accesses);
    }
    return alone;
  }

  private static Access access(Operation operation, String key) {
    boolean write =
        switch (operation) {
          case PUT, DELETE, COMPLETE_UPLOAD, COPY -> true;
          default -> false;
        };
    return new Access(write, operation == Operation.LIST, UUID.matcher(key).replaceAll("UUID"));
  }

  /** One run. Whoever holds the turn runs; all others wait at their next call. */
  private static final class Schedule {
    private final World world;
    private final List<Integer> prefix;
    private final List<Set<Access>> alone;
    private final int preemptions;
    private final List<Integer> choices = new ArrayList<>();
    private final List<List<Integer>> alternatives = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private final Map<Integer, Access> waiting = new HashMap<>();
    private final ThreadLocal<Integer> self = new ThreadLocal<>();
    private final Outcome[] outcomes;
    private int turn = -1;
    private int ended;
    private int preempted;
    private @Nullable Integer last;

    Schedule(World world, List<Integer> prefix, List<Set<Access>> alone, int preemptions) {
      this.world = world;
      this.prefix = prefix;
      this.alone = alone;
      this.preemptions = preemptions;
      this.outcomes = new Outcome[alone.size()];
    }

    List<Outcome> run() {
      List<Callable<String>> clients = world.clients();
      world.store().before((operation, key) -> at(access(operation, key), operation.name()));
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < clients.size(); i++) {
        int me = i;
        threads.add(Thread.ofVirtual().start(() -> client(me, clients.get(me))));
      }
      try {
        drive(clients.size());
        for (Thread thread : threads) {
          thread.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      world.store().before((operation, key) -> {});
      return List.of(outcomes);
    }

    private void client(int me, Callable<String> action) {
      self.set(me);
      CURRENT.set(this);
      Outcome outcome;
      try {
        outcome = new Outcome(Optional.of(action.call()), Optional.empty());
      } catch (Exception e) {
        outcome = new Outcome(Optional.empty(), Optional.of(e));
      }
      synchronized (this) {
        outcomes[me] = outcome;
        ended++;
        notifyAll();
      }
    }

    private synchronized void at(Access access, String operation) {
      Integer me = self.get();
      if (me == null) {
        throw new IllegalStateException("a call by a thread that is no client: " + access);
      }
      waiting.put(me, access);
      notifyAll();
      try {
        while (turn != me) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      turn = -1;
      steps.add("  " + me + " " + operation + " " + access.key());
    }

    /** Gives the turn to one client after the other, each time when all wait or have ended. */
    private synchronized void drive(int clients) throws InterruptedException {
      while (true) {
        while (turn >= 0 || waiting.size() + ended < clients) {
          wait();
        }
        if (waiting.isEmpty()) {
          return;
        }
        int next = choose();
        waiting.remove(next);
        last = next;
        turn = next;
        notifyAll();
      }
    }

    private int choose() {
      if (waiting.values().stream().allMatch(PAUSE::equals)) {
        return waiting.keySet().stream().min(Integer::compare).orElseThrow();
      }
      if (last != null && waiting.containsKey(last) && !isShared(last)) {
        return last; // nobody can notice: no choice
      }
      for (int client : waiting.keySet()) {
        if (!isShared(client)) {
          return client;
        }
      }
      List<Integer> candidates = candidates();
      int choice =
          choices.size() < prefix.size() ? prefix.get(choices.size()) : candidates.getFirst();
      if (choices.size() >= prefix.size()) {
        for (int other : candidates.subList(1, candidates.size())) {
          List<Integer> alternative = new ArrayList<>(choices);
          alternative.add(other);
          alternatives.add(alternative);
        }
      }
      choices.add(choice);
      if (last != null && isReady(last) && choice != last) {
        preempted++;
      }
      return choice;
    }

    /** Who may be next; whoever had the turn comes first, others only if a preemption is left. */
    private List<Integer> candidates() {
      List<Integer> candidates = new ArrayList<>();
      if (last != null && isReady(last)) {
        candidates.add(last);
        if (preempted == preemptions) {
          return candidates;
        }
      }
      waiting.keySet().stream()
          .sorted()
          .filter(c -> !candidates.contains(c) && !PAUSE.equals(waiting.get(c)))
          .forEach(candidates::add);
      return candidates;
    }

    private boolean isReady(int client) {
      Access access = waiting.get(client);
      return access != null && !access.equals(PAUSE);
    }

    private boolean isShared(int client) {
      Access access = waiting.get(client);
      if (access == null || !alone.get(client).contains(access)) {
        return true;
      }
      for (int other = 0; other < alone.size(); other++) {
        if (other != client && alone.get(other).stream().anyMatch(access::conflictsWith)) {
          return true;
        }
      }
      return false;
    }
  }
}
