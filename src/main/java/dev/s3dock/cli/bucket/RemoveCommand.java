package dev.s3dock.cli.bucket;

import dev.s3dock.cli.wiring.Action;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "remove",
    description = {
      "Remove an environment, a version or an image by its name.",
      "What something needs stays, and the command says what needs it.",
      "The audit trail keeps what was there. To remove all images that nothing needs any more, use s3dock cleanup."
    },
    subcommands = {RemoveEnvCommand.class, RemoveVersionCommand.class, RemoveImageCommand.class},
    footerHeading = "%nExample:%n",
    footer = "  s3dock remove env myapp old-staging --dry-run")
public final class RemoveCommand implements Runnable, Action.Group {
  @ParentCommand Object parent = this;
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Object parent() {
    return parent;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "name what to remove: " + String.join(", ", spec.subcommands().keySet()));
  }
}
