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

  /**
   * The home folder: {@code HOME}, as the shell, docker and the AWS CLI have it, or else that of
   * the account. Where there is neither, nothing is found and nothing can be kept.
   */
  static Path home(Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", "");
    String account = System.getProperty("user.home", "");
    return Path.of(!home.isEmpty() ? home : account.equals("?") ? "" : account).toAbsolutePath();
  }

  /** Those of this process. */
  public static ProcessContext ofProcess(PrintStream out, PrintStream err) {
    return new ProcessContext(
        System.getenv(),
        Path.of("").toAbsolutePath(),
        home(System.getenv()),
        Clock.system(ZoneId.systemDefault()),
        System.in,
        out,
        err,
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
  }
}
