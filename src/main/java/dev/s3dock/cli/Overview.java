package dev.s3dock.cli;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** All commands in groups, one line each: the list of commands in the help of the root. */
final class Overview {
  private static final String END =
      """

      Usage, options and examples of a command:  s3dock help COMMAND
      Options of every command:                  s3dock --help
      """;

  private final SequencedMap<String, List<String>> groups;

  /**
   * Of these commands.
   *
   * @param groups names of commands by the title of their group
   */
  Overview(SequencedMap<String, List<String>> groups) {
    this.groups = groups;
  }

  /** Takes the place of the plain list in the help of the root. */
  void replaceList(CommandLine root) {
    UsageMessageSpec usage = root.getCommandSpec().usageMessage();
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, _ -> "");
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, this::list);
  }

  /** For somebody who has named no command. */
  String text(CommandLine root) {
    String[] about = root.getCommandSpec().usageMessage().description();
    return String.join("\n", about) + "\n" + list(root.getHelp()) + END;
  }

  private String list(Help help) {
    int width =
        groups.values().stream().flatMap(List::stream).mapToInt(String::length).max().orElse(0);
    StringBuilder out = new StringBuilder();
    groups.forEach(
        (title, names) -> {
          List<String> lines =
              Stream.of(names)
                  .flatMap(List::stream)
                  .map(name -> Map.entry(name, summary(help, name)))
                  .filter(entry -> !entry.getValue().isEmpty())
                  .map(
                      entry ->
                          "  "
                              + entry.getKey()
                              + " ".repeat(width - entry.getKey().length() + 2)
                              + entry.getValue())
                  .toList();
          out.append('\n').append(title).append('\n').append(String.join("\n", lines)).append('\n');
        });
    return out.toString();
  }

  /** The first line of a command's description, without its full stop. */
  private static String summary(Help help, String name) {
    Help command = help.subcommands().get(name);
    if (command == null) {
      return "";
    }
    return command.commandSpec().usageMessage().description()[0].replaceFirst("\\.$", "");
  }
}
