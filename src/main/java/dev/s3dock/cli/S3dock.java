package dev.s3dock.cli;

import dev.s3dock.cli.bucket.AuditCommand;
import dev.s3dock.cli.bucket.CleanupCommand;
import dev.s3dock.cli.bucket.DoctorCommand;
import dev.s3dock.cli.bucket.HistoryCommand;
import dev.s3dock.cli.bucket.RemoveCommand;
import dev.s3dock.cli.bucket.VerifyCommand;
import dev.s3dock.cli.deploy.DeployCommand;
import dev.s3dock.cli.deploy.RollbackCommand;
import dev.s3dock.cli.deploy.StatusCommand;
import dev.s3dock.cli.image.BuildCommand;
import dev.s3dock.cli.image.CurrentCommand;
import dev.s3dock.cli.image.InspectCommand;
import dev.s3dock.cli.image.ListCommand;
import dev.s3dock.cli.image.PromoteCommand;
import dev.s3dock.cli.image.PullCommand;
import dev.s3dock.cli.image.PushCommand;
import dev.s3dock.cli.image.TagCommand;
import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The root command, and the list of all others. */
@Command(
    name = "s3dock",
    description = "Distribute and deploy Docker images over S3, without a registry.",
    versionProvider = BuildInfo.class,
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock build myapp --push && s3dock promote myapp:20250721-2118-f7a5a27 production",
      "  s3dock pull myapp production"
    })
public final class S3dock extends GlobalOptions implements Runnable {
  /** In the order of the help. Not an attribute of the annotation, see {@link #addCommands}. */
  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  S3dock(ProcessContext process) {
    super(process);
  }

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("build", BuildCommand::new);
    commands.put("push", PushCommand::new);
    commands.put("tag", TagCommand::new);
    commands.put("promote", PromoteCommand::new);
    commands.put("pull", PullCommand::new);
    commands.put("current", CurrentCommand::new);
    commands.put("deploy", DeployCommand::new);
    commands.put("rollback", RollbackCommand::new);
    commands.put("status", StatusCommand::new);
    commands.put("list", ListCommand::new);
    commands.put("audit", AuditCommand::new);
    commands.put("history", HistoryCommand::new);
    commands.put("inspect", InspectCommand::new);
    commands.put("verify", VerifyCommand::new);
    commands.put("cleanup", CleanupCommand::new);
    commands.put("remove", RemoveCommand::new);
    commands.put("doctor", DoctorCommand::new);
    commands.put("config", ConfigCommand::new);
    commands.put("version", VersionCommand::new);
    commands.put("completion", CompletionCommand::new);
    return commands;
  }

  /**
   * Adds the command that the arguments begin with, or else all. To model a command takes
   * milliseconds, and where its name comes first no other can be meant.
   */
  static void addCommands(CommandLine line, String... args) {
    Supplier<Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
    if (named != null) {
      line.addSubcommand(named.get());
    } else {
      COMMANDS.values().forEach(command -> line.addSubcommand(command.get()));
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** For models without a command to run, such as the completions. */
  public static CommandLine model(ProcessContext process) {
    return Main.commandLine(new S3dock(process));
  }
}
