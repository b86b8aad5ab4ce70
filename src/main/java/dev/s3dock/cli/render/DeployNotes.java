package dev.s3dock.cli.render;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Step;
import dev.s3dock.image.Printable;
import java.time.Duration;

/** Tells on stderr how a deployment goes on: notes, and with level 3 each step and its time. */
public final class DeployNotes implements DeployProgress {
  private final GlobalOptions options;
  private final ProcessContext process;

  public DeployNotes(GlobalOptions options, ProcessContext process) {
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
