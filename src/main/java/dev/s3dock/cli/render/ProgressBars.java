package dev.s3dock.cli.render;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.transfer.TransferProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows transfers: a bar on a terminal, a line every few seconds elsewhere, or nothing. */
public final class ProgressBars {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
  private static final int BAR_WIDTH = 100;

  private ProgressBars() {}

  public static TransferProgress of(GlobalOptions options, ProcessContext process) {
    if (!options.showsProgress()) {
      return TransferProgress.NONE;
    }
    return new TransferProgress() {
      @Override
      public Step begin(String name, long total) {
        return process.terminal() ? new Bar(name, total, process) : new Lines(name, total, process);
      }

      @Override
      public void note(String text) {
        process.err().println(text);
      }

      @Override
      public void detail(String text) {
        if (options.showsEverything()) {
          process.err().println(text);
        }
      }
    };
  }

  private static String saved(long bytes) {
    return Sizes.of(bytes) + " reused";
  }

  private static final class Bar implements TransferProgress.Step {
    private final ProgressBar bar;

    Bar(String name, long totalBytes, ProcessContext process) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setInitialMax(totalBytes)
              .setUnit(" MiB", 1 << 20)
              .showSpeed()
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(process.err(), BAR_WIDTH))
              .build();
    }

    @Override
    public void advance(long bytes) {
      bar.stepBy(bytes);
    }

    @Override
    public void saved(long bytes) {
      if (bytes > 0) {
        bar.setExtraMessage(" " + ProgressBars.saved(bytes));
      }
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static final class Lines implements TransferProgress.Step {
    private final String name;
    private final long total;
    private final ProcessContext process;
    private final AtomicLong done = new AtomicLong();
    private volatile String remark = "";
    private Instant next;

    Lines(String name, long total, ProcessContext process) {
      this.name = name;
      this.total = total;
      this.process = process;
      this.next = now().plus(BETWEEN_LINES);
    }

    @Override
    public void advance(long bytes) {
      long soFar = done.addAndGet(bytes);
      synchronized (this) {
        Instant now = now();
        if (now.isBefore(next)) {
          return;
        }
        next = now.plus(BETWEEN_LINES);
      }
      process
          .err()
          .println(
              total < 0
                  ? "%s: %s".formatted(name, Sizes.of(soFar))
                  : "%s: %s of %s%s".formatted(name, Sizes.of(soFar), Sizes.of(total), remark));
    }

    @Override
    public void saved(long bytes) {
      remark = bytes > 0 ? ", " + ProgressBars.saved(bytes) : "";
    }

    private Instant now() {
      Clock clock = process.clock();
      return clock.instant();
    }
  }
}
