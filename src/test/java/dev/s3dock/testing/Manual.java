package dev.s3dock.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Configuration that stands in a page of the documents, so that tests run what users are told. */
public final class Manual {
  private Manual() {}

  /** The first block of this language in a page of docs. */
  public static String block(String page, String language) {
    return block(page, language, "");
  }

  /** The first block of this language in a page of docs that holds this. */
  public static String block(String page, String language, String part) {
    return blocks(page, language).stream()
        .filter(block -> block.contains(part))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "docs/%s has no block ```%s with '%s'".formatted(page, language, part)));
  }

  /** All blocks of this language in a page of docs. */
  public static List<String> blocks(String page, String language) {
    try {
      String text = Files.readString(Path.of("docs", page));
      return Pattern.compile("(?s)```" + language + "\n(.*?)```")
          .matcher(text)
          .results()
          .map(block -> block.group(1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces what must be there. */
  public static String replace(String text, String old, String by) {
    if (!text.contains(old)) {
      throw new AssertionError("'" + old + "' is not in:\n" + text);
    }
    return text.replace(old, by);
  }
}
