package dev.s3dock.cli;

import dev.s3dock.config.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root command: the options that every command takes. */
@Command(
    name = "s3dock",
    description = "Distribute and deploy Docker images over S3, without a registry.",
    versionProvider = BuildInfo.class,
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock build myapp --push && s3dock promote myapp:20250721-2118-f7a5a27 production",
      "  s3dock pull myapp production"
    })
final class S3dock implements Runnable {
  /** In the order of the help. Not an attribute of the annotation, see {@link #addCommands}. */
  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Configuration file, instead of the usual places.")
  @Nullable Path config;

  @Option(
      names = {"-p", "--profile"},
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "Profile of the configuration.")
  @Nullable String profile;

  @Option(
      names = {"-b", "--bucket"},
      paramLabel = "BUCKET",
      scope = ScopeType.INHERIT,
      description = "Bucket, or a folder as file:///path.")
  @Nullable String bucket;

  @Option(
      names = {"-l", "--log-level"},
      paramLabel = "1..3",
      scope = ScopeType.INHERIT,
      description = "1: results and errors, 2: what is done (default), 3: everything.")
  @Nullable Integer logLevel;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "One JSON object on stdout, nothing else there.")
  boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "No progress, no notes.")
  boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  boolean help;

  @Option(
      names = "--version",
      versionHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show the version.")
  boolean version;

  @Spec CommandSpec spec = CommandSpec.create();

  private final ProcessContext process;

  S3dock(ProcessContext process) {
    this.process = process;
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

  ProcessContext process() {
    return process;
  }

  /** What these options say about the configuration. */
  Settings.Flags flags() {
    if (logLevel != null && (logLevel < 1 || logLevel > 3)) {
      throw new ParameterException(spec.commandLine(), "--log-level is 1, 2 or 3, not " + logLevel);
    }
    return new Settings.Flags(
        Optional.ofNullable(profile), Optional.ofNullable(bucket), Optional.ofNullable(logLevel));
  }

  Optional<Path> configFile() {
    return Optional.ofNullable(config);
  }

  /** What the configuration says, where the command line is silent. */
  void configured(int level) {
    if (logLevel == null) {
      logLevel = level;
    }
  }

  /** True if stack traces and the libraries' own messages are wanted. */
  boolean showsEverything() {
    return logLevel != null && logLevel == 3;
  }

  /** True if a person wants to see how it goes on. */
  boolean showsProgress() {
    return !quiet && !json && (logLevel == null || logLevel > 1);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** For models without a command to run, such as the completions. */
  static CommandLine model(ProcessContext process) {
    return Main.commandLine(new S3dock(process));
  }
}
