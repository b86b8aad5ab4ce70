package dev.s3dock.cli.invocation;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * All that a command takes from the process it runs in.
 *
 * @param environment variables
 * @param terminal true if a person is looking at the output
 */
public record ProcessContext(
    Map<String, String> environment,
    Path workingDirectory,
    Path home,
    Clock clock,
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean terminal) {

  /** Those of this process. */
  public static ProcessContext ofProcess(PrintStream out, PrintStream err) {
    return new ProcessContext(
        System.getenv(),
        Path.of("").toAbsolutePath(),
        Path.of(System.getProperty("user.home")),
        Clock.system(ZoneId.systemDefault()),
        System.in,
        out,
        err,
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
  }
}
