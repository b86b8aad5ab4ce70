package dev.s3dock.deploy.loadbalancer;

import java.util.function.UnaryOperator;

/** Changes of a configuration that leave something out. */
public final class Lines {
  private Lines() {}

  public static UnaryOperator<String> replacing(String old, String by) {
    return it -> {
      if (!it.contains(old)) {
        throw new AssertionError("'" + old + "' is not in:\n" + it);
      }
      return it.replace(old, by);
    };
  }

  public static UnaryOperator<String> without(String part) {
    return replacing(part, "");
  }

  /** Without the lines that start like this, blanks aside. */
  public static UnaryOperator<String> withoutLine(String start) {
    return it -> {
      String rest =
          String.join("\n", it.lines().filter(line -> !line.strip().startsWith(start)).toList());
      if (rest.length() + 1 >= it.length()) {
        throw new AssertionError("no line starts with '" + start + "' in:\n" + it);
      }
      return rest + "\n";
    };
  }
}
