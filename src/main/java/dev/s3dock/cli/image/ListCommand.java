package dev.s3dock.cli.image;

import dev.s3dock.cli.wiring.Action;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    description = "List the apps, images, versions and environments in the bucket.",
    subcommands = {
      ListAppsCommand.class,
      ListImagesCommand.class,
      ListTagsCommand.class,
      ListEnvsCommand.class,
      ListTagForCommand.class
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock list images myapp --month 202507")
public final class ListCommand implements Runnable, Action.Group {
  @ParentCommand Object parent = this;
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Object parent() {
    return parent;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name what to list: " + String.join(", ", spec.subcommands().keySet()));
  }
}
