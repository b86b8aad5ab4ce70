package dev.s3dock.cli.deploy;

import dev.s3dock.rollout.RolloutControl;
import dev.s3dock.rollout.RolloutState;
import picocli.CommandLine.Command;

@Command(
    name = "resume",
    customSynopsis = {
      "s3dock rollout resume [OPTIONS] [APP] ENVIRONMENT",
      "s3dock rollout resume [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Let a paused rollout go on.",
      "Hosts that have failed stay failed: where too many have, promote again."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock rollout resume myapp production")
public final class RolloutResumeCommand extends RolloutAction {
  public RolloutResumeCommand() {
    super("resume");
  }

  @Override
  Done steer(RolloutControl control, RolloutState rollout) {
    return control.resume(rollout)
        ? new Done("the rollout goes on", false)
        : new Done("the rollout was not paused", true);
  }
}
