package dev.s3dock.cli.deploy;

import dev.s3dock.rollout.RolloutControl;
import dev.s3dock.rollout.RolloutState;
import picocli.CommandLine.Command;

@Command(
    name = "approve",
    customSynopsis = {
      "s3dock rollout approve [OPTIONS] [APP] ENVIRONMENT",
      "s3dock rollout approve [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Approve what the canaries run: all other hosts may follow.",
      "Needed where the promotion asked for it with --approve. They follow once the canaries are healthy."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock rollout approve myapp production")
public final class RolloutApproveCommand extends RolloutAction {
  public RolloutApproveCommand() {
    super("approve");
  }

  @Override
  Done steer(RolloutControl control, RolloutState rollout) {
    return control.approve(rollout)
        ? new Done("the rollout is approved", false)
        : new Done("the rollout was approved already", true);
  }
}
