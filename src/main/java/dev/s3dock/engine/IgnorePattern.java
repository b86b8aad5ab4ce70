package dev.s3dock.engine;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One line of an ignore file. Its expression is matched in time that grows with pattern and path
 * alone, as moby's are: a backtracking matcher takes for ever where a line has many stars.
 *
 * @param takesIn whether it starts with {@code !}
 */
record IgnorePattern(boolean takesIn, Pattern itOrAFolderAbove) {
  private static final String SPECIAL_IN_REGEX = ".+()|{}$^";

  /**
   * Empty for a comment or an empty line.
   *
   * @throws PatternSyntaxException if the line is malformed
   */
  static Optional<IgnorePattern> parse(String line) {
    if (line.startsWith("#") || line.isBlank()) {
      return Optional.empty();
    }
    String text = line.strip();
    boolean takesIn = text.startsWith("!");
    String glob = takesIn ? text.substring(1).strip() : text;
    if (glob.isEmpty()) {
      throw new PatternSyntaxException("a lone ! excludes nothing", line);
    }
    String regex = "(?:%s)(?:/.*)?".formatted(toRegex(clean(glob)));
    return Optional.of(new IgnorePattern(takesIn, Pattern.compile(regex, Pattern.DOTALL)));
  }

  boolean matchesItOrAFolderAbove(String path) {
    return itOrAFolderAbove.matches(path);
  }

  /** As Go's filepath.Clean, and without the slash at the front. */
  private static String clean(String glob) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : glob.split("/")) {
      if (part.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (!part.isEmpty()
          && !part.equals(".")
          && !(part.equals("..") && glob.startsWith("/"))) {
        parts.addLast(part);
      }
    }
    return parts.isEmpty() ? "." : String.join("/", parts);
  }

  private static String toRegex(String glob) {
    if (glob.matches("\\*\\*[^*?\\[\\]\\\\]+")) {
      return suffix(glob.substring(2)); // **.pem means any name that ends so, in any folder
    }
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      char c = glob.charAt(i);
      if (glob.startsWith("**", i)) {
        i += glob.startsWith("**/", i) ? 3 : 2;
        regex.append(i == glob.length() ? ".*" : "(?:.*/)?");
        continue;
      }
      i += c == '\\' ? escaped(glob, i, regex) : c == '[' ? bracket(glob, i, regex) : 1;
      switch (c) {
        case '*' -> regex.append("[^/]*");
        case '?' -> regex.append("[^/]");
        case '\\', '[' -> {} // done above
        default -> regex.append(SPECIAL_IN_REGEX.indexOf(c) >= 0 ? "\\" : "").append(c);
      }
    }
    return regex.toString();
  }

  private static String suffix(String end) {
    return end.startsWith("/")
        ? "(?:.*/)?" + Pattern.quote(end.substring(1))
        : ".*" + Pattern.quote(end);
  }

  private static int escaped(String glob, int at, StringBuilder regex) {
    if (at + 1 == glob.length()) {
      throw new PatternSyntaxException("\\ without a character after it", glob);
    }
    regex.append(Pattern.quote(glob.substring(at + 1, at + 2)));
    return 2;
  }

  /** A set as Go's filepath.Match has it: characters and ranges, each of which may be escaped. */
  private static int bracket(String glob, int at, StringBuilder regex) {
    int i = at + 1;
    regex.append('[');
    if (glob.startsWith("^", i)) {
      regex.append('^');
      i++;
    }
    for (int start = i; i == start || !glob.startsWith("]", i); ) {
      i = member(glob, i, regex);
      if (glob.startsWith("-", i)) {
        regex.append('-');
        i = member(glob, i + 1, regex);
      }
    }
    regex.append(']');
    return i + 1 - at;
  }

  private static int member(String glob, int at, StringBuilder regex) {
    int i = glob.startsWith("\\", at) ? at + 1 : at;
    if (i >= glob.length() || (i == at && "]-".indexOf(glob.charAt(i)) >= 0)) {
      throw new PatternSyntaxException("[ without ], or a - without its range", glob);
    }
    int character = glob.codePointAt(i);
    regex.append("\\x{").append(Integer.toHexString(character)).append('}');
    return i + Character.charCount(character);
  }
}
