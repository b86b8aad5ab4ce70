package dev.s3dock.cli.progress;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.StatusLine;
import dev.s3dock.cli.render.Paint;
import dev.s3dock.transfer.TransferProgress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shows transfers: on the last line of a terminal, a line every few seconds elsewhere, or not. */
public final class ProgressBars {
  private ProgressBars() {}

  public static TransferProgress of(GlobalOptions options, ProcessContext process) {
    if (!options.showsProgress()) {
      return new TransferProgress() {
        @Override
        public Step begin(String name, long total) {
          return NONE.begin(name, total);
        }

        @Override
        public void warn(String text) {
          ProgressBars.warn(text, process);
        }
      };
    }
    Optional<StatusLine> line = process.display().statusLine();
    return new TransferProgress() {
      @Override
      public Step begin(String name, long total) {
        Transferred transferred = new Transferred(name, total, System.nanoTime());
        return line.<Step>map(at -> new Bar(transferred, at))
            .orElseGet(() -> new Lines(transferred, process));
      }

      @Override
      public void note(String text) {
        process.err().println(text);
      }

      @Override
      public void warn(String text) {
        ProgressBars.warn(text, process);
      }

      @Override
      public void detail(String text) {
        if (options.showsEverything()) {
          process.err().println(text);
        }
      }
    };
  }

  /** What has gone wrong beside the error that ends the command. */
  public static void warn(@Nullable String text, ProcessContext process) {
    process.err().println(Paint.YELLOW.onErr("warning:", process) + " " + text);
  }

  private static final class Bar implements TransferProgress.Step {
    private final Transferred transferred;
    private final StatusLine line;
    private final StatusLine.Part part;

    Bar(Transferred transferred, StatusLine line) {
      this.transferred = transferred;
      this.line = line;
      this.part = () -> transferred.forms(System.nanoTime());
      line.add(part);
    }

    @Override
    public void advance(long bytes) {
      transferred.advance(bytes);
    }

    @Override
    public void saved(long bytes) {
      transferred.saved(bytes);
    }

    @Override
    public void close() {
      line.remove(part);
    }
  }

  private static final class Lines implements TransferProgress.Step {
    private static final long BETWEEN = Duration.ofSeconds(5).toNanos();

    private final Transferred transferred;
    private final ProcessContext process;
    private long next = System.nanoTime() + BETWEEN;

    Lines(Transferred transferred, ProcessContext process) {
      this.transferred = transferred;
      this.process = process;
    }

    @Override
    public void advance(long bytes) {
      transferred.advance(bytes);
      long now = System.nanoTime();
      synchronized (this) {
        if (now - next < 0) {
          return;
        }
        next = now + BETWEEN;
      }
      process.err().println(transferred.line(now));
    }

    @Override
    public void saved(long bytes) {
      transferred.saved(bytes);
    }
  }
}
