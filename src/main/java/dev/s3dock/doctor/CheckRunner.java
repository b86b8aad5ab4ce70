package dev.s3dock.doctor;

import dev.s3dock.image.FailureWords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Runs checks side by side. One that takes too long is interrupted, given a moment to remove what
 * it has made, and left to itself: a server or a disk that hangs does not hang the runner. Closing
 * it does the same with all that still run.
 */
public final class CheckRunner implements AutoCloseable {
  /** Shorter than what a command is given to clean up after Ctrl-C. */
  private static final Duration CLEAN_UP = Duration.ofSeconds(10);

  private final Duration timeout;
  private final List<Running> all = new ArrayList<>();

  /** Gives each check this long. */
  public CheckRunner(Duration timeout) {
    this.timeout = timeout;
  }

  /** A check that has been started. */
  public static final class Running {
    private final String name;
    private final Function<String, RuntimeException> late;
    private final long deadline;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<CheckResult> findings = new ArrayList<>();
    private final Thread thread;

    private Running(Check check, Duration timeout) {
      this.name = check.name();
      this.late = check.late();
      this.deadline = System.nanoTime() + timeout.toNanos();
      this.thread = Thread.ofVirtual().name("check " + name).unstarted(() -> run(check));
    }

    private void run(Check check) {
      boolean done = false;
      try {
        check.work().run(this::report);
        done = true;
      } catch (RuntimeException e) {
        report(CheckResult.failure(name, e));
        done = true;
      } catch (Exception e) {
        report(CheckResult.failure(name, new UnfitException(name + ": " + FailureWords.of(e))));
        done = true;
      } finally {
        if (!done) {
          report(
              CheckResult.failure(name, new UnfitException(name + ": the check did not finish")));
        }
        ended.countDown();
      }
    }

    private synchronized void report(CheckResult finding) {
      findings.add(finding);
    }

    private synchronized List<CheckResult> found() {
      return List.copyOf(findings);
    }

    private boolean endsBy(long nanoTime) throws InterruptedException {
      return ended.await(nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /** Starts a check. */
  public Running start(Check check) {
    Running running = new Running(check, timeout);
    all.add(running);
    running.thread.start();
    return running;
  }

  /**
   * Waits for a check, no longer than its deadline.
   *
   * @throws CancellationException if the caller is interrupted
   */
  public List<CheckResult> await(Running check) {
    try {
      if (check.endsBy(check.deadline)) {
        return check.found();
      }
      List<CheckResult> before = check.found();
      check.thread.interrupt();
      check.endsBy(System.nanoTime() + CLEAN_UP.toNanos());
      List<CheckResult> findings = new ArrayList<>(before);
      findings.add(CheckResult.failure(check.name, check.late.apply(tooLate(check.name))));
      // what it says after that is about the interruption, unless something is left behind
      check.found().stream()
          .skip(before.size())
          .filter(finding -> finding.check().equals(ScratchObjects.CHECK))
          .forEach(findings::add);
      return findings;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private String tooLate(String name) {
    return "%s: no answer within %d s; check whether it hangs, or give it more time with --timeout"
        .formatted(name, timeout.toSeconds());
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + CLEAN_UP.toNanos();
    all.stream().filter(check -> check.ended.getCount() > 0).forEach(c -> c.thread.interrupt());
    try {
      for (Running check : all) {
        check.endsBy(deadline);
      }
    } catch (InterruptedException e) {
      interrupted = true; // whoever asks twice does not want to wait
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
