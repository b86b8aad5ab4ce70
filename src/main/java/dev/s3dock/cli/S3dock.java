package dev.s3dock.cli;

import dev.s3dock.cli.bucket.AuditCommand;
import dev.s3dock.cli.bucket.CleanupCommand;
import dev.s3dock.cli.bucket.DoctorCommand;
import dev.s3dock.cli.bucket.HistoryCommand;
import dev.s3dock.cli.bucket.RemoveCommand;
import dev.s3dock.cli.bucket.ServeCommand;
import dev.s3dock.cli.bucket.VerifyCommand;
import dev.s3dock.cli.deploy.AgentCommand;
import dev.s3dock.cli.deploy.DeployCommand;
import dev.s3dock.cli.deploy.RollbackCommand;
import dev.s3dock.cli.deploy.RolloutCommand;
import dev.s3dock.cli.deploy.StatusCommand;
import dev.s3dock.cli.image.BuildCommand;
import dev.s3dock.cli.image.CopyCommand;
import dev.s3dock.cli.image.CurrentCommand;
import dev.s3dock.cli.image.InspectCommand;
import dev.s3dock.cli.image.ListCommand;
import dev.s3dock.cli.image.PrefetchCommand;
import dev.s3dock.cli.image.PromoteCommand;
import dev.s3dock.cli.image.PullCommand;
import dev.s3dock.cli.image.PushCommand;
import dev.s3dock.cli.image.TagCommand;
import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.invocation.ProcessContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The root command, and the list of all others. */
@Command(
    name = "s3dock",
    customSynopsis = "s3dock [OPTIONS] COMMAND",
    description = "Distribute and deploy Docker images over S3, without a registry.",
    versionProvider = BuildInfo.class,
    optionListHeading = "%nOptions of every command:%n",
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock build myapp --push",
      "  s3dock promote myapp:20250721-2118-f7a5a27 production",
      "  s3dock pull myapp:production"
    })
public final class S3dock extends GlobalOptions implements Callable<Integer> {
  /** In the order of the help. Not an attribute of the annotation, see {@link #addCommands}. */
  private static final SequencedMap<String, SequencedMap<String, Supplier<Object>>> GROUPS =
      groups();

  S3dock(ProcessContext process) {
    super(process);
  }

  private static SequencedMap<String, SequencedMap<String, Supplier<Object>>> groups() {
    SequencedMap<String, SequencedMap<String, Supplier<Object>>> groups = new LinkedHashMap<>();
    var images = groups.computeIfAbsent("Images", _ -> new LinkedHashMap<>());
    images.put("build", BuildCommand::new);
    images.put("push", PushCommand::new);
    images.put("tag", TagCommand::new);
    images.put("pull", PullCommand::new);
    images.put("prefetch", PrefetchCommand::new);
    images.put("copy", CopyCommand::new);
    images.put("list", ListCommand::new);
    images.put("inspect", InspectCommand::new);
    var environments = groups.computeIfAbsent("Environments", _ -> new LinkedHashMap<>());
    environments.put("promote", PromoteCommand::new);
    environments.put("current", CurrentCommand::new);
    environments.put("history", HistoryCommand::new);
    var hosts = groups.computeIfAbsent("Deployments", _ -> new LinkedHashMap<>());
    hosts.put("deploy", DeployCommand::new);
    hosts.put("rollback", RollbackCommand::new);
    hosts.put("agent", AgentCommand::new);
    hosts.put("rollout", RolloutCommand::new);
    hosts.put("status", StatusCommand::new);
    var bucket = groups.computeIfAbsent("The bucket", _ -> new LinkedHashMap<>());
    bucket.put("serve", ServeCommand::new);
    bucket.put("audit", AuditCommand::new);
    bucket.put("verify", VerifyCommand::new);
    bucket.put("cleanup", CleanupCommand::new);
    bucket.put("remove", RemoveCommand::new);
    var machine = groups.computeIfAbsent("This machine", _ -> new LinkedHashMap<>());
    machine.put("doctor", DoctorCommand::new);
    machine.put("config", ConfigCommand::new);
    machine.put("completion", CompletionCommand::new);
    machine.put("version", VersionCommand::new);
    machine.put("help", HelpCommand::new);
    return groups;
  }

  /**
   * Adds the command that the arguments begin with, or else all. To model a command takes
   * milliseconds, and where its name comes first no other can be meant.
   */
  static void addCommands(CommandLine line, String... args) {
    Optional<Supplier<Object>> named =
        Stream.of(args)
            .limit(1)
            .filter(name -> !name.equals("help")) // it is of another command
            .flatMap(
                name -> GROUPS.values().stream().flatMap(of -> Stream.ofNullable(of.get(name))))
            .findFirst();
    if (named.isPresent()) {
      line.addSubcommand(named.get().get());
      return;
    }
    GROUPS
        .values()
        .forEach(of -> of.values().forEach(command -> line.addSubcommand(command.get())));
    overview().replaceList(line);
  }

  private static Overview overview() {
    SequencedMap<String, List<String>> names = new LinkedHashMap<>();
    GROUPS.forEach((title, commands) -> names.put(title, List.copyOf(commands.keySet())));
    return new Overview(names);
  }

  /** Without a command. */
  @Override
  public Integer call() {
    CommandLine line = spec.commandLine();
    if (json) {
      throw new ParameterException(
          line, "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
    line.getErr().print(overview().text(line));
    line.getErr().flush();
    return ExitCode.USAGE;
  }

  /** For models without a command to run, such as the completions. */
  public static CommandLine model(ProcessContext process) {
    return Main.commandLine(new S3dock(process));
  }
}
