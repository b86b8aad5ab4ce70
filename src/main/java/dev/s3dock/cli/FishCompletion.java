package dev.s3dock.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completions for fish, which picocli does not write; the form is fish's {@code complete}. */
final class FishCompletion {
  private FishCompletion() {}

  static String script(CommandLine root) {
    StringBuilder out = new StringBuilder("# fish completion for s3dock\ncomplete -c s3dock -f\n");
    for (OptionSpec option : root.getCommandSpec().options()) {
      append(out, "", option);
    }
    for (Map.Entry<String, CommandLine> command : root.getSubcommands().entrySet()) {
      subcommand(out, "__fish_use_subcommand", command.getKey(), command.getValue());
      String inside = "__fish_seen_subcommand_from " + command.getKey();
      for (OptionSpec option : command.getValue().getCommandSpec().options()) {
        if (!option.inherited()) {
          append(out, inside, option);
        }
      }
      command
          .getValue()
          .getSubcommands()
          .forEach((name, nested) -> subcommand(out, inside, name, nested));
    }
    return out.toString();
  }

  private static void subcommand(
      StringBuilder out, String condition, String name, CommandLine command) {
    String[] description = command.getCommandSpec().usageMessage().description();
    out.append("complete -c s3dock -n '%s' -a %s".formatted(condition, name))
        .append(" -d ")
        .append(quoted(description.length == 0 ? "" : description[0]))
        .append('\n');
  }

  private static void append(StringBuilder out, String condition, OptionSpec option) {
    out.append("complete -c s3dock");
    if (!condition.isEmpty()) {
      out.append(" -n ").append(quoted(condition));
    }
    for (String name : option.names()) {
      out.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      out.append(" -r -F");
    }
    String[] description = option.description();
    out.append(" -d ").append(quoted(description.length == 0 ? "" : description[0])).append('\n');
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
