package dev.s3dock.cli;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.render.ConfigText;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.ConfigFile;
import dev.s3dock.config.Settings;
import dev.s3dock.config.StarterFile;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "config",
    description = "Show the configuration, or write a first one.",
    subcommands = {
      ConfigCommand.Show.class,
      ConfigCommand.ListProfiles.class,
      ConfigCommand.Init.class
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock config show --profile prod")
final class ConfigCommand implements Runnable, Action.Group {
  @ParentCommand Object parent = this;
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Object parent() {
    return parent;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name one of: " + String.join(", ", spec.subcommands().keySet()));
  }

  @Command(
      name = "show",
      description =
          "Show the configuration in effect, and the file: from options, environment, file and"
              + " defaults; secrets are masked.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock config show --profile prod")
  static final class Show extends Action {
    @Override
    protected void run(Wiring wiring, Output output) {
      Settings settings = wiring.settings();
      String bucket = settings.bucket().orElse("");
      String region = settings.region().orElse("");
      String endpoint = settings.endpoint().map(URI::toString).orElse("");
      String accessKey = settings.credentials().map(Settings.Credentials::masked).orElse("");
      output.result(
          "config show",
          ConfigText.of(
              wiring.file(),
              settings,
              wiring.stores().endpoint(),
              wiring.stores().proxy(),
              wiring.stores().certificates()),
          data -> {
            data.writeStringField("profile", settings.profile());
            data.writeStringField("bucket", bucket);
            data.writeStringField("region", region);
            data.writeStringField("endpoint", endpoint);
            data.writeStringField("access_key", accessKey);
            data.writeStringField("file", wiring.file().path().map(Path::toString).orElse(""));
          });
    }
  }

  @Command(
      name = "list",
      description = "List the profiles; a star marks the default.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock config list")
  static final class ListProfiles extends Action {
    @Override
    protected void run(Wiring wiring, Output output) {
      ConfigFile file = wiring.file();
      String standard = file.defaultProfile();
      List<String> names = List.copyOf(file.profiles().keySet());
      String text =
          String.join(
              "\n", names.stream().map(n -> (n.equals(standard) ? "* " : "  ") + n).toList());
      output.result(
          "config list",
          text,
          data -> {
            data.writeArrayFieldStart("profiles");
            for (String name : names) {
              data.writeString(name);
            }
            data.writeEndArray();
            data.writeStringField("default_profile", standard);
          });
    }
  }

  @Command(
      name = "init",
      description =
          "Write a commented starter file to ./s3dock.json5, or to what --config or S3DOCK_CONFIG"
              + " names; an existing file is not overwritten.",
      footerHeading = "%nExample:%n",
      footer = "  s3dock config init")
  static final class Init extends Action {
    @Override
    public Integer call() {
      ProcessContext process = root().process();
      Path file =
          process.workingDirectory().resolve(root().configFile().orElse(Path.of(ConfigFile.NAME)));
      StarterFile.write(file);
      new Output(process, root().json)
          .result(
              "config init",
              "wrote " + file + "; take the // from a line with bucket and name yours",
              data -> data.writeStringField("path", file.toString()));
      return 0;
    }

    @Override
    protected void run(Wiring wiring, Output output) {
      throw new IllegalStateException("init needs no configuration");
    }
  }
}
