package dev.s3dock.cli.invocation;

import dev.s3dock.config.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The options that every command takes, and the process that it runs in. */
public abstract class GlobalOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Configuration file to use, instead of the default places (S3DOCK_CONFIG).")
  public @Nullable Path config;

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
      description = {"Bucket, or a folder, as", "file:///path."})
  @Nullable String bucket;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      scope = ScopeType.INHERIT,
      description = "Region of the bucket, such as eu-central-1.")
  @Nullable String region;

  @Option(
      names = "--endpoint-url",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = {
        "Address of an S3-compatible store, such as",
        "https://minio.example.com:9000."
      })
  @Nullable String endpoint;

  @Option(
      names = {"-l", "--log-level"},
      paramLabel = "1..3",
      scope = ScopeType.INHERIT,
      description = "1: results and errors, 2: also what is done (default), 3: everything.")
  @Nullable Integer logLevel;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON object to stdout, and nothing else.")
  public boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Show no progress and no notes; of doctor and verify, only problems.")
  public boolean quiet;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      scope = ScopeType.INHERIT,
      description =
          "Colour states and errors: auto (on a terminal, unless NO_COLOR is set), always or"
              + " never.")
  ColorChoice color = ColorChoice.AUTO; // read before the rest, see ColorChoice.in

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

  public @Spec CommandSpec spec = CommandSpec.create();

  private final ProcessContext process;

  /** Options of a command that runs in this process. */
  protected GlobalOptions(ProcessContext process) {
    this.process = process;
  }

  /** What the command runs in. */
  public final ProcessContext process() {
    return process;
  }

  /** What these options say about the configuration. */
  public Settings.Flags flags() {
    if (logLevel != null && (logLevel < 1 || logLevel > 3)) {
      throw new ParameterException(
          spec.commandLine(), "--log-level must be 1, 2 or 3, not " + logLevel);
    }
    return new Settings.Flags(
        Optional.ofNullable(profile),
        Optional.ofNullable(bucket),
        Optional.ofNullable(region),
        Optional.ofNullable(endpoint),
        Optional.ofNullable(logLevel));
  }

  /** The configuration that the user named, on the command line or in {@code S3DOCK_CONFIG}. */
  public Optional<Path> configFile() {
    return Optional.ofNullable(config)
        .or(
            () ->
                Optional.ofNullable(process().environment().get("S3DOCK_CONFIG"))
                    .filter(text -> !text.isEmpty())
                    .map(Path::of));
  }

  /** What the configuration says, where the command line is silent. */
  public void configured(int level) {
    if (logLevel == null) {
      logLevel = level;
    }
  }

  /** True if stack traces and the libraries' own messages are wanted. */
  public boolean showsEverything() {
    return logLevel != null && logLevel == 3;
  }

  /** True if a person wants to see how it goes on. */
  public boolean showsProgress() {
    return !quiet && !json && (logLevel == null || logLevel > 1);
  }
}
