package dev.s3dock.agent.host;

import dev.s3dock.agent.Heartbeat;
import dev.s3dock.process.Program;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The service manager that has started this process, if it wants to hear of it: systemd, through
 * its program {@code systemd-notify} (sd_notify(3), "NOTIFY_SOCKET" and "WATCHDOG_USEC").
 */
public final class ServiceManager implements Heartbeat {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration NEVER = Duration.ofDays(365);

  private final String socket;
  private final Optional<Duration> watchdog;
  private final Consumer<String> problems;
  private final LongSupplier nanoTime;
  private long next;
  private boolean told;

  /**
   * As the variables of the process say.
   *
   * @param problems is told once if the manager cannot be told
   */
  public ServiceManager(
      Map<String, String> environment, LongSupplier nanoTime, Consumer<String> problems) {
    this.socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    this.watchdog =
        Optional.of(environment.getOrDefault("WATCHDOG_USEC", ""))
            .filter(text -> text.matches("[1-9]\\d{0,14}"))
            .map(text -> Duration.ofNanos(Long.parseLong(text) * 1000));
    this.nanoTime = nanoTime;
    this.problems = problems;
    this.next = nanoTime.getAsLong();
  }

  /** The process does its work from now on. */
  public void ready() {
    send("--ready");
  }

  /** Three times in a watchdog's time; never without one. */
  @Override
  public Duration rest() {
    return watchdog.isPresent() ? Duration.ofNanos(next - nanoTime.getAsLong()) : NEVER;
  }

  @Override
  public void beat() {
    next = nanoTime.getAsLong() + watchdog.orElseThrow().toNanos() / 3;
    send("WATCHDOG=1");
  }

  /** The process has been told to end. */
  public void stopping() {
    send("STOPPING=1");
  }

  private void send(String word) {
    if (socket.isEmpty()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      Program.Outcome outcome =
          new Program(
                  List.of("systemd-notify", word),
                  Program.Environment.with(Map.of("NOTIFY_SOCKET", socket)),
                  Optional.empty(),
                  LIMIT)
              .run();
      boolean said = outcome instanceof Program.Outcome.Ended ended && ended.succeeded();
      if (!said && !told) {
        told = true;
        problems.accept("systemd-notify: " + outcome.describe());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
