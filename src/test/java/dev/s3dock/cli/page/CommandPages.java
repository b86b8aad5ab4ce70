package dev.s3dock.cli.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The pages of {@code docs/commands}, out of the model that the commands' own help comes from. */
public final class CommandPages {
  private static final String ORIGIN =
      "<!-- Made from the command line's model by CommandPagesTest: do not edit by hand. -->\n\n";

  private CommandPages() {}

  /** Name of each file, and its content in Markdown. */
  public static SortedMap<String, String> of(CommandLine root) {
    SortedMap<String, String> pages = new TreeMap<>();
    pages.put("README.md", index(root));
    root.getSubcommands().forEach((name, command) -> pages.put(name + ".md", page(command)));
    return pages;
  }

  private static String index(CommandLine root) {
    StringBuilder out = new StringBuilder(ORIGIN).append("# Commands\n\n");
    root.getSubcommands()
        .forEach(
            (name, command) ->
                out.append("- [`s3dock %s`](%s.md): ".formatted(name, name))
                    .append(description(command.getCommandSpec()).getFirst())
                    .append('\n'));
    out.append("\n## Options of every command\n\nThey may stand before or after the command.\n\n");
    root.getCommandSpec().options().stream()
        .map(CommandPages::item)
        .sorted()
        .forEach(item -> out.append(item).append('\n'));
    return out.append('\n').append(example(root.getCommandSpec(), "##")).toString().stripTrailing()
        + "\n";
  }

  private static String page(CommandLine command) {
    StringBuilder out = new StringBuilder(ORIGIN);
    append(out, command, "#");
    return out.append(
            """
            The options of every command are in the [index](README.md); the fields of `--json` in
            [JSON output](../json-output.md); what the exit code says in [exit codes](../exit-codes.md).
            """)
        .toString();
  }

  private static void append(StringBuilder out, CommandLine command, String heading) {
    CommandSpec spec = command.getCommandSpec();
    out.append("%s %s\n\n".formatted(heading, spec.qualifiedName()));
    out.append("```\n%s\n```\n\n".formatted(String.join("\n", synopsis(spec))));
    out.append(String.join("\n", description(spec))).append("\n\n");
    section(out, heading + "# Arguments", arguments(spec));
    section(out, heading + "# Options", options(spec));
    Map<String, CommandLine> nested = command.getSubcommands();
    if (nested.isEmpty()) {
      out.append(example(spec, heading + "#"));
    }
    nested.values().forEach(each -> append(out, each, heading + "#"));
  }

  private static void section(StringBuilder out, String heading, List<String> items) {
    if (!items.isEmpty()) {
      out.append("%s\n\n%s\n\n".formatted(heading, String.join("\n", items)));
    }
  }

  private static List<String> synopsis(CommandSpec spec) {
    String[] own = spec.usageMessage().customSynopsis();
    if (own.length > 0) {
      return List.of(own);
    }
    Stream<String> words =
        spec.subcommands().isEmpty()
            ? spec.positionalParameters().stream().map(PositionalParamSpec::paramLabel)
            : Stream.of("COMMAND");
    return List.of(
        Stream.concat(Stream.of(spec.qualifiedName(), "[OPTIONS]"), words)
            .collect(Collectors.joining(" ")));
  }

  private static List<String> description(CommandSpec spec) {
    return List.of(spec.usageMessage().description());
  }

  private static List<String> arguments(CommandSpec spec) {
    return spec.positionalParameters().stream()
        .map(it -> "- `%s`: %s".formatted(it.paramLabel(), String.join(" ", it.description())))
        .toList();
  }

  private static List<String> options(CommandSpec spec) {
    return spec.options().stream()
        .filter(option -> !option.inherited())
        .map(CommandPages::item)
        .sorted()
        .toList();
  }

  private static String item(OptionSpec option) {
    List<String> names = new ArrayList<>();
    for (String name : option.names()) {
      names.add("`" + name + "`");
    }
    if (option.arity().max() > 0) {
      String longest = option.longestName();
      names.remove("`" + longest + "`");
      names.add("`%s %s`".formatted(longest, option.paramLabel()));
    }
    return "- %s: %s".formatted(String.join(", ", names), String.join(" ", option.description()));
  }

  private static String example(CommandSpec spec, String heading) {
    String lines =
        Arrays.stream(spec.usageMessage().footer())
            .map(String::strip)
            .collect(Collectors.joining("\n"));
    return "%s Example\n\n```\n%s\n```\n\n".formatted(heading, lines);
  }
}
