package dev.s3dock.cli;

import dev.s3dock.cli.invocation.ProcessContext;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    ProcessContext process = ProcessContext.ofProcess(out, err);
    List<String> command = new ArrayList<>();
    for (String argument : args) {
      if (!argument.equals(END)) {
        command.add(argument);
        continue;
      }
      int exitCode = Main.run(command.toArray(String[]::new), process);
      if (exitCode != 0) {
        err.println("failed with exit code " + exitCode + ": " + String.join(" ", command));
        System.exit(exitCode);
      }
      command.clear();
    }
    System.exit(0);
  }
}
