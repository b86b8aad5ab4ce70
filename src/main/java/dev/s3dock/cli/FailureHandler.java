package dev.s3dock.cli;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.ReportedException;
import dev.s3dock.cli.render.ErrorMessage;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Paint;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Reports every exception as one message and an exit code; a stack trace only on request. */
final class FailureHandler {
  private final ProcessContext process;
  private final GlobalOptions options;
  private final boolean json;

  FailureHandler(ProcessContext process, GlobalOptions options, boolean json) {
    this.process = process;
    this.options = options;
    this.json = json;
  }

  /** For arguments that picocli does not understand. */
  int onUsage(ParameterException failure, String[] args) {
    String command = failure.getCommandLine().getCommandSpec().qualifiedName();
    String message = ArgumentMessage.of(failure);
    String hint = (message.endsWith("?") ? " See " : "; see ") + command + " --help";
    report(failure.getCommandLine(), message + hint, failure);
    return ExitCode.USAGE;
  }

  /** For what a command throws. */
  int onFailure(Exception failure, CommandLine line, ParseResult parsed) {
    if (!(failure instanceof ReportedException)) {
      report(line, ErrorMessage.of(failure), failure);
    }
    return ExitCode.of(failure);
  }

  /** For what no command can foresee, such as the end of memory: it leaves what a crash leaves. */
  int onError(Error failure, CommandLine root) {
    CommandLine line = root;
    while (line.getParseResult() != null && line.getParseResult().hasSubcommand()) {
      line = line.getParseResult().subcommand().commandSpec().commandLine();
    }
    report(line, ErrorMessage.of(failure), failure);
    return ExitCode.FAILURE;
  }

  /** The exit code of a command that has ended so, if what it said was heard. */
  int unlessLost(int exitCode) {
    Optional<IOException> lost = process.display().lostResult();
    if (exitCode != 0 || lost.isEmpty()) {
      return exitCode;
    }
    process
        .err()
        .println(
            Paint.RED.onErr("s3dock:", process)
                + " cannot write the result to standard output (%s); what the command did has taken effect"
                    .formatted(Printable.of(FailureWords.of(lost.get()))));
    return ExitCode.FAILURE;
  }

  private void report(CommandLine line, String message, Throwable failure) {
    process.out().flush();
    if (json) {
      new Output(process, true)
          .failure(line.getCommandSpec().qualifiedName().replaceFirst("^s3dock ?", ""), message);
    } else {
      process.err().println(Paint.RED.onErr("s3dock:", process) + " " + Printable.lines(message));
    }
    if (options.showsEverything()) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      process.err().print(Printable.lines(trace.toString()));
    }
  }
}
