package dev.s3dock.cli;

import dev.s3dock.cli.render.Likeness;
import dev.s3dock.image.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with the arguments, in words; picocli's own messages speak of types of Java. */
final class ArgumentMessage {
  /** What docker, git and shells call what s3dock calls otherwise. */
  private static final Map<String, String> OTHER_WORDS =
      Map.ofEntries(
          Map.entry("rm", "s3dock remove"),
          Map.entry("del", "s3dock remove"),
          Map.entry("delete", "s3dock remove"),
          Map.entry("rmi", "s3dock remove image"),
          Map.entry("prune", "s3dock cleanup"),
          Map.entry("gc", "s3dock cleanup"),
          Map.entry("ls", "s3dock list"),
          Map.entry("ps", "s3dock status"),
          Map.entry("log", "s3dock history"));

  private ArgumentMessage() {}

  static String of(ParameterException failure) {
    return switch (failure) {
      case UnmatchedArgumentException e -> unmatched(e);
      case MissingParameterException e -> missing(e.getMissing());
      case OverwrittenOptionException e -> name(e.getOverwritten()) + " is given more than once";
      case ParameterException e when e.getArgSpec() != null && e.getValue() != null ->
          "%s, not '%s'".formatted(wanted(e.getArgSpec()), e.getValue());
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static String missing(List<ArgSpec> missing) {
    if (missing.size() == 1 && missing.getFirst() instanceof OptionSpec option) {
      return "%1$s needs a value: %1$s %2$s".formatted(name(option), option.paramLabel());
    }
    return (missing.size() == 1 ? "missing argument: " : "missing arguments: ")
        + missing.stream().map(ArgSpec::paramLabel).collect(Collectors.joining(", "));
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  /** What a value must be, by what it is read into. */
  private static String wanted(ArgSpec argument) {
    Class<?> type = argument.type();
    String name = name(argument);
    if (type == boolean.class || type == Boolean.class) {
      return name + " takes no value";
    }
    if (type == int.class || type == Integer.class) {
      return name + " must be a whole number";
    }
    if (type.isEnum()) {
      return name
          + " must be "
          + Arrays.stream(type.getEnumConstants())
              .map(each -> each.toString().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(" or "));
    }
    return "%s must be %s"
        .formatted(name, Map.class.isAssignableFrom(type) ? argument.paramLabel() : "a path");
  }

  private static String unmatched(UnmatchedArgumentException failure) {
    String first = failure.getUnmatched().getFirst();
    CommandLine line = failure.getCommandLine();
    CommandSpec spec = line.getCommandSpec();
    if (failure.isUnknownOption()) {
      String option = first.replaceFirst("=.*", "");
      return "there is no option %s%s".formatted(option, mean(Likeness.of(option, options(spec))));
    }
    if (spec.subcommands().isEmpty()) {
      return "%s takes fewer arguments: leave out '%s'".formatted(spec.qualifiedName(), first);
    }
    String known =
        spec.parent() == null
            ? ""
            : "; name one of: " + String.join(", ", spec.subcommands().keySet());
    return "there is no command '%s'%s"
        .formatted(
            (spec.qualifiedName() + " " + first).replaceFirst("^s3dock ", ""),
            mean(meant(first, line)) + known);
  }

  private static List<String> meant(String word, CommandLine line) {
    String other = OTHER_WORDS.get(word);
    return other != null && line.getCommandSpec().parent() == null
        ? List.of(other)
        : Likeness.of(word, commands(line));
  }

  private static String mean(List<String> near) {
    return near.isEmpty()
        ? ""
        : near.stream()
            .map(Printable::of)
            .collect(Collectors.joining("` or `", "; did you mean `", "`?"));
  }

  private static List<String> options(CommandSpec spec) {
    return spec.options().stream().map(OptionSpec::longestName).toList();
  }

  /** All commands below one, each with those that lead to it. */
  private static List<String> commands(CommandLine line) {
    List<String> names = new ArrayList<>();
    for (CommandLine nested : line.getSubcommands().values()) {
      names.add(nested.getCommandSpec().qualifiedName());
      names.addAll(commands(nested));
    }
    return names;
  }
}
