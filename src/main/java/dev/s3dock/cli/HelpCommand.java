package dev.s3dock.cli;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The help of a command of any depth; picocli's own knows commands of the first level alone. */
@Command(
    name = "help",
    helpCommand = true,
    customSynopsis = "s3dock help [OPTIONS] [COMMAND]",
    description = "Show how a command is used.",
    footerHeading = "%nExample:%n",
    footer = {"  s3dock help push", "  s3dock help list images"})
final class HelpCommand extends Action {
  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "Such as push, or list images (default: all commands, in groups).")
  List<String> words = List.of();

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine at = spec.parent().commandLine();
    for (String word : words) {
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        throw new UnmatchedArgumentException(at, List.of(word));
      }
      at = next;
    }
    at.usage(spec.commandLine().getOut());
    return 0;
  }

  @Override
  protected void run(Wiring wiring, Output output) {
    throw new IllegalStateException("help needs no configuration");
  }
}
