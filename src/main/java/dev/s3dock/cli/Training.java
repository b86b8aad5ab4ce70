package dev.s3dock.cli;

import dev.s3dock.cli.invocation.ProcessContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs several commands in one process. The ahead-of-time cache is recorded from one process, and
 * should know what all of them load; see {@code docs/start.md}.
 */
public final class Training {
  private static final String END = ";";

  private Training() {}

  /**
   * Runs the commands, each of which ends with an argument {@code ;}, and stops at the first that
   * fails, with its exit code.
   */
  public static void main(String[] args) {
    ProcessContext process = ProcessContext.ofProcess();
    List<String> command = new ArrayList<>();
    for (String argument : args) {
      if (!argument.equals(END)) {
        command.add(argument);
        continue;
      }
      int exitCode = Main.run(command.toArray(String[]::new), process);
      if (exitCode != 0) {
        process
            .err()
            .println("failed with exit code " + exitCode + ": " + String.join(" ", command));
        System.exit(exitCode);
      }
      command.clear();
    }
    ProcessEnd.anyThreadWaitsForConnections();
    ProcessEnd.link();
    System.exit(0);
  }
}
