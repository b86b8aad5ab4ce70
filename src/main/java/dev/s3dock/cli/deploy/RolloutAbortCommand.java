package dev.s3dock.cli.deploy;

import dev.s3dock.rollout.RolloutControl;
import dev.s3dock.rollout.RolloutState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "abort",
    customSynopsis = {
      "s3dock rollout abort [OPTIONS] [APP] ENVIRONMENT",
      "s3dock rollout abort [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "End a rollout: the environment goes back to what was live before, and all hosts at once with it.",
      "Agents that are deploying go back at their next look. Where nothing was live before, no further host begins, and nothing else changes."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock rollout abort myapp production")
public final class RolloutAbortCommand extends RolloutAction {
  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is shown and recorded.")
  String reason = "";

  public RolloutAbortCommand() {
    super("abort");
  }

  @Override
  Done steer(RolloutControl control, RolloutState rollout) {
    return control
        .abort(rollout, reason)
        .map(image -> new Done("back at " + image + "; all hosts follow at once", false))
        .orElseGet(() -> new Done("the rollout has ended; there was nothing to go back to", false));
  }
}
