package dev.s3dock.transfer.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * What a Dockerfile copies out of its context, as far as that can be seen without running it: the
 * sources of {@code COPY} and {@code ADD} (docs.docker.com/reference/dockerfile) that hold no
 * variable.
 */
final class CopiedPaths {
  private static final Pattern INSTRUCTION =
      Pattern.compile("(?:ONBUILD\\s+)?(?:COPY|ADD)\\s+(.+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern WORD =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s\\[\\],]+)");

  private CopiedPaths() {}

  /**
   * Those that are on the disk, but that no build gets.
   *
   * @param sent files of the context that are sent, by path relative to it
   */
  static List<String> missing(Path dockerfile, Path context, Set<String> sent) {
    List<String> missing = new ArrayList<>();
    try {
      for (String source : sources(Files.readString(dockerfile, StandardCharsets.ISO_8859_1))) {
        String path = Path.of(source).normalize().toString().replaceFirst("^/+", "");
        if (!path.isEmpty() && !path.startsWith("..") && !isSent(path, sent)) {
          if (isOnDisk(path, context)) {
            missing.add(path);
          }
        }
      }
    } catch (IOException | PatternSyntaxException | InvalidPathException e) {
      return List.of(); // the build has its own words for it
    }
    return missing.stream().distinct().toList();
  }

  static List<String> sources(String dockerfile) {
    List<String> sources = new ArrayList<>();
    for (String line : dockerfile.replaceAll("\\\\[ \\t]*\\r?\\n", " ").lines().toList()) {
      Matcher instruction = INSTRUCTION.matcher(line.strip());
      if (!instruction.matches()) {
        continue;
      }
      List<String> words = new ArrayList<>();
      Matcher word = WORD.matcher(instruction.group(1));
      while (word.find()) {
        words.add(word.group(1) != null ? word.group(1) : word.group(2));
      }
      boolean elsewhere =
          words.stream().anyMatch(w -> w.toLowerCase(Locale.ROOT).startsWith("--from="));
      words.removeIf(w -> w.startsWith("--"));
      if (!elsewhere && words.size() > 1) {
        words.removeLast();
        words.stream()
            .filter(w -> !w.contains("$") && !w.contains("://") && !w.startsWith("<<"))
            .forEach(sources::add);
      }
    }
    return sources;
  }

  private static boolean isSent(String path, Set<String> sent) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
    return sent.stream()
        .anyMatch(
            file ->
                file.equals(path) || file.startsWith(path + "/") || matcher.matches(Path.of(file)));
  }

  private static boolean isOnDisk(String path, Path context) throws IOException {
    if (path.matches("[^*?\\[{]*")) {
      return Files.exists(context.resolve(path), LinkOption.NOFOLLOW_LINKS);
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
    int depth = Path.of(path).getNameCount();
    try (Stream<Path> files = Files.walk(context, depth)) {
      return files.anyMatch(file -> matcher.matches(context.relativize(file)));
    }
  }
}
