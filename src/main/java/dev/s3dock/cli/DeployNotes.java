package dev.s3dock.cli;

import dev.s3dock.deploy.DeployProgress;
import dev.s3dock.deploy.Step;
import dev.s3dock.image.Printable;
import java.time.Duration;

/** Tells on stderr how a deployment goes on: notes, and with level 3 each step and its time. */
final class DeployNotes implements DeployProgress {
  private final S3dock options;
  private final ProcessContext process;

  DeployNotes(S3dock options, ProcessContext process) {
    this.options = options;
    this.process = process;
  }

  @Override
  public void ended(Step step, Duration took) {
    if (options.showsEverything()) {
      process.err().println("%s: %d ms".formatted(step, took.toMillis()));
    }
  }

  @Override
  public void note(String text) {
    if (options.showsProgress()) {
      process.err().println(Printable.of(text));
    }
  }

  @Override
  public void detail(String text) {
    if (options.showsEverything()) {
      process.err().println(Printable.of(text));
    }
  }
}
