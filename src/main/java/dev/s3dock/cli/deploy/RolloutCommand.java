package dev.s3dock.cli.deploy;

import dev.s3dock.cli.wiring.Action;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "rollout",
    description = {
      "Show and steer how a promotion reaches the hosts.",
      "A rollout begins with s3dock promote --canary, --batch or --soak, or by the section rollout of the configuration. Agents see at their next look what is said here."
    },
    subcommands = {
      RolloutStatusCommand.class,
      RolloutPauseCommand.class,
      RolloutResumeCommand.class,
      RolloutApproveCommand.class,
      RolloutAbortCommand.class
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock rollout status myapp production",
      "  s3dock rollout abort myapp production"
    })
public final class RolloutCommand implements Runnable, Action.Group {
  @ParentCommand Object parent = this;
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Object parent() {
    return parent;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name what to do: " + String.join(", ", spec.subcommands().keySet()));
  }
}
