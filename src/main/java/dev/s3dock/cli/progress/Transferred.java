package dev.s3dock.cli.progress;

import dev.s3dock.cli.render.Sizes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How far a transfer is, in words. Safe for use by several threads. */
final class Transferred {
  private static final int BAR = 20;

  private final String name;
  private final long total;
  private final long begun;
  private final Pace pace;
  private final AtomicLong done = new AtomicLong();
  private volatile long saved;

  /**
   * A transfer that begins.
   *
   * @param total bytes, or -1 if they are not known; there may be somewhat more or fewer
   * @param nanos the moment
   */
  Transferred(String name, long total, long nanos) {
    this.name = name;
    this.total = total;
    this.begun = nanos;
    this.pace = new Pace(nanos);
  }

  void advance(long bytes) {
    done.addAndGet(bytes);
  }

  void saved(long bytes) {
    saved = bytes;
  }

  /** A line for a log. */
  String line(long nanos) {
    long soFar = done.get();
    pace.at(nanos, soFar);
    return "%s: %s".formatted(name, words(", ", amount(soFar), left(soFar), reused()));
  }

  /** For the last line of a terminal: in fewer and fewer words. */
  List<String> forms(long nanos) {
    long soFar = done.get();
    pace.at(nanos, soFar);
    String speed = pace.perSecond().map(bytes -> Sizes.of(bytes) + "/s").orElse("");
    if (total < 0) {
      String time = clock(Duration.ofNanos(nanos - begun));
      return List.of(words("  ", name, amount(soFar), speed, time), words(" ", name, time));
    }
    String part = percent(soFar) + "%";
    List<String> forms = new ArrayList<>();
    forms.add(words("  ", name, bar(soFar), part, amount(soFar), speed, left(soFar), reused()));
    forms.add(words("  ", name, bar(soFar), part, amount(soFar), speed, left(soFar)));
    forms.add(words("  ", name, part, amount(soFar), speed, left(soFar)));
    forms.add(words("  ", name, part, amount(soFar), left(soFar)));
    forms.add(words(" ", name, part, left(soFar)));
    forms.add(words(" ", name, part));
    return forms;
  }

  private static String words(String between, String... words) {
    return Stream.of(words).filter(word -> !word.isEmpty()).collect(Collectors.joining(between));
  }

  private String amount(long soFar) {
    if (total < 0) {
      return soFar == 0 ? "" : Sizes.of(soFar);
    }
    return "%s of %s".formatted(Sizes.of(Math.min(soFar, total)), Sizes.of(total));
  }

  /** What an engine says of sizes is not exact, and the end has come when the step is closed. */
  private long percent(long soFar) {
    return total == 0 ? 99 : Math.min(99, soFar * 100 / total);
  }

  private String bar(long soFar) {
    int filled = (int) (percent(soFar) * BAR / 100);
    return "[" + "=".repeat(filled) + ">" + " ".repeat(BAR - 1 - filled) + "]";
  }

  private String left(long soFar) {
    return total < 0
        ? ""
        : pace.timeFor(total - soFar).map(time -> clock(time) + " left").orElse("");
  }

  private String reused() {
    return saved > 0 ? Sizes.of(saved) + " reused" : "";
  }

  /** Such as {@code 0:07} or {@code 1:02:03}. */
  private static String clock(Duration time) {
    return time.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}
