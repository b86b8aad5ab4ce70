package dev.s3dock.cli;

import dev.s3dock.deploy.Progress;
import dev.s3dock.deploy.Step;
import dev.s3dock.image.Printable;
import java.time.Duration;

/** Tells on stderr how a deployment goes on: notes, and with level 3 each step and its time. */
final class DeployNotes implements Progress {
  private final S3dock options;
  private final Surroundings surroundings;

  DeployNotes(S3dock options, Surroundings surroundings) {
    this.options = options;
    this.surroundings = surroundings;
  }

  @Override
  public void ended(Step step, Duration took) {
    if (options.showsEverything()) {
      surroundings.err().println("%s: %d ms".formatted(step, took.toMillis()));
    }
  }

  @Override
  public void note(String text) {
    if (options.showsProgress()) {
      surroundings.err().println(Printable.of(text));
    }
  }

  @Override
  public void detail(String text) {
    if (options.showsEverything()) {
      surroundings.err().println(Printable.of(text));
    }
  }
}
