package dev.s3dock.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, as people write it: {@code 512MiB}, {@code 2GiB}. */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("(\\d{1,7})(MiB|GiB)");

  private ByteSize() {}

  /** In bytes; empty if the text is none. */
  public static Optional<Long> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(
            Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("MiB") ? 20 : 30))
        : Optional.empty();
  }
}
