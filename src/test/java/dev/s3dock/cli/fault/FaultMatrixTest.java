package dev.s3dock.cli.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every request of every command that asks a bucket, spoilt: in front of a real server, one request
 * of one run at a time. Each request meets each kind of fault with {@code ./check --all}; else
 * every fifth one meets one of them, the kinds in turns, with and without a second try.
 */
@Order(4)
class FaultMatrixTest {
  private static final boolean ALL = Boolean.getBoolean("s3dock.all");
  private static final int STEP = ALL ? 1 : 5;
  private static final int AT_ONCE = 4;

  @TempDir Path folder;
  private final AtomicInteger worlds = new AtomicInteger();

  /** What may happen to a request, and a client may try again. */
  enum Trouble {
    RESET,
    ERROR_500,
    SLOW_DOWN,
    TRUNCATED,
    LOST_ANSWER;

    Fault fault() {
      return switch (this) {
        case RESET -> new Fault.Disconnect();
        case ERROR_500 -> FaultyBucket.error(500, "InternalError");
        case SLOW_DOWN -> FaultyBucket.error(503, "SlowDown");
        case TRUNCATED -> new Fault.Truncate(10);
        case LOST_ANSWER -> new Fault.LoseAnswer();
      };
    }
  }

  static Stream<FaultyBucket.Command> commands() {
    return FaultyBucket.COMMANDS.stream();
  }

  /** One run of the matrix. */
  private record Cell(String name, int request, int retries, Fault fault, Set<Integer> exitCodes) {
    @Override
    public String toString() {
      return "%s at request %d, %d retries".formatted(name, request, retries);
    }
  }

  private static List<Cell> cells(int requests) {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < requests; i += STEP) {
      List<Cell> kinds = kinds(i);
      cells.addAll(ALL ? kinds : List.of(kinds.get(i / STEP % kinds.size())));
    }
    return cells;
  }

  /** Denials first, and often: every command meets one. */
  private static List<Cell> kinds(int request) {
    Fault denial = FaultyBucket.error(403, "AccessDenied");
    Set<Integer> fails = Set.of(0, ExitCode.STORE);
    List<Cell> kinds = new ArrayList<>();
    kinds.add(new Cell("DENIED", request, 0, denial, fails));
    for (Trouble trouble : Trouble.values()) {
      kinds.add(new Cell(trouble.name(), request, 2, trouble.fault(), Set.of(0)));
      kinds.add(new Cell(trouble.name(), request, 0, trouble.fault(), fails));
    }
    return kinds;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void each_request_may_fail(FaultyBucket.Command command, TestReporter reporter) throws Exception {
    FaultyBucket past = world(command);
    List<String> state = past.state();
    int requests = requests(command);
    List<Cell> cells = cells(requests);
    AtomicInteger failed = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> runs = new ArrayList<>();
      for (Cell cell : cells) {
        runs.add(
            threads.submit(
                () -> {
                  run(command, command.reads() ? shared(past) : world(command), cell, failed);
                  return cell;
                }));
      }
      List<Throwable> wrong = new ArrayList<>();
      for (Future<?> run : runs) {
        try {
          run.get();
        } catch (ExecutionException e) {
          wrong.add(e.getCause());
        }
      }
      assertThat(wrong).as("of %d runs".formatted(runs.size())).isEmpty();
    }
    assertThat(past.state()).as("the bucket of what only reads").isEqualTo(state);
    reporter.publishEntry(
        "%s: %d requests, %d runs, %d of them failed clearly"
            .formatted(command, requests, cells.size(), failed.get()));
    assertThat(failed.get()).as("something fails without retries").isPositive();
  }

  private FaultyBucket world(FaultyBucket.Command command) {
    return new FaultyBucket(folder.resolve("world" + worlds.incrementAndGet()), command.server());
  }

  /** For who changes nothing: the bucket is the same, the rest is not. */
  private FaultyBucket shared(FaultyBucket past) {
    return past.from(folder.resolve("world" + worlds.incrementAndGet()));
  }

  private int requests(FaultyBucket.Command command) throws Exception {
    FaultyBucket world = world(command);
    try (FaultProxy proxy = world.proxy()) {
      world.user(proxy, 0).s3dock(command.line(world)).ok();
      return proxy.requests().size();
    }
  }

  private void run(
      FaultyBucket.Command command, FaultyBucket world, Cell cell, AtomicInteger failed)
      throws Exception {
    AtomicInteger left = new AtomicInteger(cell.request());
    List<Request> hit = new ArrayList<>();
    try (FaultProxy proxy = world.proxy()) {
      proxy.spoil(
          1,
          request -> {
            boolean now = left.getAndDecrement() == 0;
            if (now) {
              hit.add(request);
            }
            return now;
          },
          cell.fault());
      User.Result result = world.user(proxy, cell.retries()).s3dock(command.line(world));
      left.set(-1);
      String what =
          "%s, %s, %s: exit %d, %s%s"
              .formatted(
                  command,
                  cell,
                  hit.stream().map(r -> r.method() + " " + r.target()).toList(),
                  result.exitCode(),
                  result.out(),
                  result.err());
      if (result.exitCode() != ExitCode.STORE || !isEndOfUpload(hit)) {
        assertThat(cell.exitCodes()).as(what).contains(result.exitCode());
      }
      if (result.exitCode() != 0) {
        failed.incrementAndGet();
        requireClear(result, what);
      }
      requireSound(command, world, what);
      User.Result again = world.user(proxy, 2).s3dock(command.line(world));
      assertThat(again.exitCode()).as(what + "\nand again: " + again.err()).isZero();
      requireSound(command, world, what + "\nand again");
      command.requireDone(world, what);
    }
  }

  /** Of the bucket that those who read share, the state is compared at the end. */
  private static void requireSound(FaultyBucket.Command command, FaultyBucket world, String what) {
    if (!command.reads()) {
      world.requireSound(what);
    }
  }

  /**
   * S3Proxy shows other tokens than it has answered with, so when that answer is lost nobody can
   * tell whether the object is the one that was sent: that may fail, whatever is tried again.
   */
  private static boolean isEndOfUpload(List<Request> hit) {
    return hit.stream()
        .anyMatch(r -> r.method().equals("POST") && r.target().contains("uploadId="));
  }

  /** One error, with what to do about it. */
  private static void requireClear(User.Result result, String what) {
    List<String> errors = result.err().lines().filter(line -> line.startsWith("s3dock: ")).toList();
    assertThat(errors).as(what).isNotEmpty();
    assertThat(errors.getLast())
        .as(what)
        .containsPattern("try again|the credentials need|check the |again")
        .doesNotContain("Exception");
    assertThat(result.err()).as(what).doesNotContain("\tat ");
  }
}
