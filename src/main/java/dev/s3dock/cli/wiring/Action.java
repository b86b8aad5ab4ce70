package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.LibraryLogs;
import dev.s3dock.cli.render.Output;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/** What the commands share: they get their parts from {@link Wiring}, and close them. */
public abstract class Action implements Callable<Integer> {
  @ParentCommand Object parent = this;

  /** The command that this one belongs to. */
  public final Object parent() {
    return parent;
  }

  /** Does the work with the parts that the options ask for. */
  protected abstract void run(Wiring wiring, Output output) throws IOException;

  protected GlobalOptions root() {
    Object at = parent;
    while (at instanceof Group group) {
      at = group.parent();
    }
    return (GlobalOptions) at;
  }

  /** How the words of this command name an app. */
  protected static Names names(Wiring wiring) {
    return new Names(wiring.file());
  }

  @Override
  public Integer call() throws IOException {
    GlobalOptions root = root();
    try (Wiring wiring = new Wiring(root)) {
      LibraryLogs.setLevel(root);
      run(wiring, new Output(root.process(), root.json));
    }
    return 0;
  }

  /** A command that only holds others. */
  public interface Group {
    Object parent();
  }
}
