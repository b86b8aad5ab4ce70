package dev.s3dock.cli.invocation;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code --color} says. */
public enum ColorChoice {
  /** On a terminal, unless {@code NO_COLOR} is set or the terminal is a dumb one. */
  AUTO,
  ALWAYS,
  NEVER;

  private static final String OPTION = "--color";

  /** The choice in a command line, which may be one that cannot be parsed. */
  public static ColorChoice in(String... args) {
    List<String> all = Arrays.asList(args);
    Optional<String> joined =
        all.stream().filter(arg -> arg.startsWith(OPTION + "=")).reduce((a, b) -> b);
    int at = all.lastIndexOf(OPTION);
    String value =
        joined
            .map(arg -> arg.substring(OPTION.length() + 1))
            .orElse(at >= 0 && at + 1 < args.length ? args[at + 1] : "");
    return Arrays.stream(values())
        .filter(choice -> choice.toString().equalsIgnoreCase(value))
        .findFirst()
        .orElse(AUTO);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
