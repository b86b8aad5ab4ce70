package dev.s3dock.cli;

import dev.s3dock.cli.invocation.BuildInfo;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import picocli.CommandLine.Command;

@Command(
    name = "version",
    description = "Print version, commit and date of this s3dock.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock version --json")
final class VersionCommand extends Action {
  @Override
  public Integer call() {
    BuildInfo info = new BuildInfo();
    new Output(root().process(), root().json)
        .result(
            "version",
            info.getVersion()[0],
            data -> {
              data.writeStringField("version", info.version());
              data.writeStringField("commit", info.commit());
              data.writeStringField("date", info.date());
            });
    return 0;
  }

  @Override
  protected void run(Wiring wiring, Output output) {
    throw new IllegalStateException("version needs no configuration");
  }
}
