package dev.s3dock.cli.invocation;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;

/**
 * All that a command takes from the process it runs in.
 *
 * @param environment variables
 * @param keyboard what the input is: a terminal if somebody can be asked
 * @param display where the output goes
 */
public record ProcessContext(
    Map<String, String> environment,
    Path workingDirectory,
    Path home,
    Clock clock,
    InputStream in,
    Screen keyboard,
    Display display) {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** For results. */
  public PrintStream out() {
    return display.out();
  }

  /** For everything else. */
  public PrintStream err() {
    return display.err();
  }

  /** The same, as {@code --color} wants it. */
  public ProcessContext with(ColorChoice color) {
    return new ProcessContext(
        environment, workingDirectory, home, clock, in, keyboard, display.with(color));
  }

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
  public static ProcessContext ofProcess() {
    return new ProcessContext(
        System.getenv(),
        Path.of("").toAbsolutePath(),
        home(System.getenv()),
        Clock.system(ZoneId.systemDefault()),
        System.in,
        new DescriptorScreen(STDIN),
        new Display(
            new FileOutputStream(FileDescriptor.out),
            new DescriptorScreen(STDOUT),
            new FileOutputStream(FileDescriptor.err),
            new DescriptorScreen(STDERR),
            System.getenv()));
  }
}
