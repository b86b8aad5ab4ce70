package dev.s3dock.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/** What the commands share: they get their parts from {@link Wiring}, and close them. */
abstract class Action implements Callable<Integer> {
  @ParentCommand Object parent = this;

  /** Does the work with the parts that the options ask for. */
  abstract void run(Wiring wiring, Output output) throws IOException;

  S3dock root() {
    Object at = parent;
    while (at instanceof Group group) {
      at = group.parent();
    }
    return (S3dock) at;
  }

  @Override
  public Integer call() throws IOException {
    S3dock root = root();
    try (Wiring wiring = new Wiring(root)) {
      LibraryLogs.setLevel(root);
      run(wiring, new Output(root.process(), root.json));
    }
    return 0;
  }

  /** A command that only holds others. */
  interface Group {
    Object parent();
  }
}
