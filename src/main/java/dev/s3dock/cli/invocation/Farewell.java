package dev.s3dock.cli.invocation;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** How long a process that is told to end waits for its command. */
public final class Farewell {
  /** Time to abort uploads and to remove temporary files. */
  private static final Duration USUAL = Duration.ofSeconds(15);

  private static final AtomicLong MILLIS = new AtomicLong(USUAL.toMillis());

  private Farewell() {}

  /** For a command that has more to end than that. */
  public static void takes(Duration more) {
    MILLIS.set(USUAL.plus(more).toMillis());
  }

  /** What the command of this process needs, in milliseconds. */
  public static long millis() {
    return MILLIS.get();
  }
}
