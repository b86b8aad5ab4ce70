package dev.s3dock.config;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a value is read.
 *
 * @param words what it must be, for the message about one that is not
 * @param read empty for a text that cannot be honoured
 */
record Parser<T>(String words, Function<String, Optional<T>> read) {
  static final Parser<Duration> DURATION =
      new Parser<>("a duration such as \"500ms\", \"30s\" or \"5m\"", TimeSpan::limit);
  static final Parser<Duration> AGE =
      new Parser<>("an age such as \"90d\", \"12w\" or \"36h\"", TimeSpan::age);

  /** In bytes. */
  static final Parser<Long> SIZE =
      new Parser<>("a size such as \"512MiB\" or \"2GiB\"", ByteSize::parse);

  static final Parser<Boolean> YES_NO = matching("true|false", "true or false", Boolean::valueOf);
  static final Parser<String> TEXT = matching("(?s).+", "a text");

  /** Empty counts as absent. */
  static final Parser<String> LINE =
      matching("[^\\p{Cc}]*", "a text in quotes without line breaks and control characters");

  /** A text that is itself the value. */
  static Parser<String> matching(String pattern, String words) {
    return matching(pattern, words, Function.identity());
  }

  static <T> Parser<T> matching(String pattern, String words, Function<String, T> read) {
    return new Parser<>(words, text -> Optional.of(text).filter(t -> t.matches(pattern)).map(read));
  }

  /** A whole number of so much at least and at most. */
  static Parser<Integer> number(int least, int most) {
    return new Parser<>(
        "a whole number from %d to %d".formatted(least, most),
        text ->
            Optional.of(text)
                .filter(t -> t.matches("\\d{1,9}"))
                .map(Integer::valueOf)
                .filter(number -> number >= least && number <= most));
  }
}
