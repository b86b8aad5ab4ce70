package dev.s3dock.cli.deploy;

import dev.s3dock.rollout.RolloutControl;
import dev.s3dock.rollout.RolloutState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "pause",
    customSynopsis = {
      "s3dock rollout pause [OPTIONS] [APP] ENVIRONMENT",
      "s3dock rollout pause [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Let no further host begin.",
      "Hosts that are done stay, those under way end what they do, and all others stay where they are."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock rollout pause myapp production")
public final class RolloutPauseCommand extends RolloutAction {
  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is shown and recorded.")
  String reason = "";

  public RolloutPauseCommand() {
    super("pause");
  }

  @Override
  Done steer(RolloutControl control, RolloutState rollout) {
    return control.pause(rollout, reason)
        ? new Done("the rollout is paused", false)
        : new Done("the rollout was paused already", true);
  }
}
