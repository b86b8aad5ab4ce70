package dev.s3dock.cli;

import dev.s3dock.cli.invocation.ColorChoice;
import dev.s3dock.cli.invocation.Farewell;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.render.ErrorMessage;
import dev.s3dock.image.Printable;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** Starts a command. */
public final class Main {
  /** What picocli needs for two columns. */
  private static final int NARROWEST_HELP = 55;

  /** What Java puts in place of bytes that are no text. */
  private static final char UNREADABLE = '\uFFFD';

  private Main() {}

  /** Runs the command of this process, and ends the process with its exit code. */
  public static void main(String[] args) {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> System.err.println("s3dock: " + Printable.of(ErrorMessage.of(e))));
    followTmpdir(System.getenv().getOrDefault("TMPDIR", ""));
    CountDownLatch finished = new CountDownLatch(1);
    Thread worker = Thread.currentThread();
    ProcessEnd end = new ProcessEnd(new Thread(() -> cleanUp(worker, finished), "clean-up"));
    ProcessContext process = ProcessContext.ofProcess();
    int exitCode;
    try {
      exitCode = run(args, process);
    } finally {
      process.out().flush();
      process.err().flush();
      finished.countDown(); // whatever happens, nobody has to wait for more
    }
    end.now(exitCode);
  }

  /** Java itself looks at its property only when it starts; libraries and s3dock do so later. */
  private static void followTmpdir(String folder) {
    if (!folder.isEmpty()) {
      System.setProperty("java.io.tmpdir", folder);
      System.setProperty("ZstdTempFolder", folder);
    }
  }

  /** Ctrl-C: lets the command abort its uploads and remove its temporary files. */
  private static void cleanUp(Thread worker, CountDownLatch finished) {
    worker.interrupt();
    try {
      boolean clean = finished.await(Farewell.millis(), TimeUnit.MILLISECONDS);
      if (!clean) {
        System.err.println("s3dock: stopped before the cleanup was complete");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs a command.
   *
   * @return the exit code, see {@code docs/exit-codes.md}
   */
  static int run(String[] args, ProcessContext given) {
    ProcessContext process = given.with(ColorChoice.in(args));
    Locale.setDefault(Locale.ROOT); // machines read our numbers: no locale may choose the digits
    S3dock root = new S3dock(process);
    CommandLine line = commandLine(root, args);
    if (process.display().showsTables()) {
      line.setUsageHelpAutoWidth(false)
          .setUsageHelpWidth(Math.max(NARROWEST_HELP, process.display().columns()));
    }
    line.setColorScheme(
        Help.defaultColorScheme(process.display().colorsOut() ? Help.Ansi.ON : Help.Ansi.OFF));
    line.setOut(new PrintWriter(process.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(process.err(), true, StandardCharsets.UTF_8));
    boolean json = Arrays.asList(args).contains("--json");
    FailureHandler failures = new FailureHandler(process, root, json);
    line.setParameterExceptionHandler(failures::onUsage);
    line.setExecutionExceptionHandler(failures::onFailure);
    try {
      Optional<String> unreadable =
          Stream.of(args).filter(arg -> arg.indexOf(UNREADABLE) >= 0).findFirst();
      return unreadable.isPresent()
          ? failures.onUsage(notUtf8(line, unreadable.get()), args)
          : failures.unlessLost(line.execute(args));
    } catch (Error e) { // picocli handles exceptions alone
      return failures.onError(e, line);
    }
  }

  private static CommandLine.ParameterException notUtf8(CommandLine line, String argument) {
    return new CommandLine.ParameterException(
        line,
        "the argument '%s' is not UTF-8: s3dock would not use it as it is"
            .formatted(Printable.of(argument)));
  }

  /**
   * The command line's model, also for completions and the documents made from it.
   *
   * @param args what it is for; with none it is of all commands
   */
  static CommandLine commandLine(S3dock root, String... args) {
    CommandLine line = new CommandLine(root);
    S3dock.addCommands(line, args);
    abbreviate(line);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExpandAtFiles(false)
        .setPosixClusteredShortOptionsAllowed(false);
  }

  /** The usage line is one line: the options stand below it. */
  private static void abbreviate(CommandLine line) {
    line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    line.getSubcommands().values().forEach(Main::abbreviate);
  }
}
