package dev.s3dock.store.s3.access;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes text of the SDK, the runtime or the store fit for a message. */
public final class SdkWords {
  private static final int LONGEST = 300;

  private static final Pattern CLASS =
      Pattern.compile(
          "\\b(?:[a-z][a-z0-9_]*\\.)+[A-Z]\\w*(?:\\$\\w+)*(?:Exception|Error)\\b(?:: ?)?");

  private SdkWords() {}

  /** In one line, without what could steer a terminal, and not too long. */
  public static String printable(@Nullable String text) {
    String clean = String.valueOf(text).replaceAll("\\p{C}+", " ").strip();
    return clean.length() > LONGEST ? clean.substring(0, LONGEST) + "…" : clean;
  }

  /** What a failure says, without names of classes. */
  public static String of(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage();
      String words = message == null ? "" : CLASS.matcher(message).replaceAll("").strip();
      if (!words.isEmpty()) {
        return printable(words);
      }
    }
    return "no reason is given";
  }
}
