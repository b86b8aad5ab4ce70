package dev.s3dock.store.s3.access;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

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

  /** The code of an error that a service has answered with; empty if there is none. */
  public static String codeOf(AwsServiceException e) {
    return Optional.ofNullable(e.awsErrorDetails())
        .map(AwsErrorDetails::errorCode)
        .map(SdkWords::printable)
        .orElse("");
  }

  /** The service's own words, in brackets after a blank; empty if it says nothing. */
  public static String said(AwsServiceException e) {
    String message =
        Optional.ofNullable(e.awsErrorDetails())
            .map(AwsErrorDetails::errorMessage)
            .map(SdkWords::printable)
            .orElse("");
    String code = codeOf(e);
    if (code.isEmpty() && message.isEmpty()) {
      return "";
    }
    return " (" + code + (code.isEmpty() || message.isEmpty() ? "" : ": ") + message + ")";
  }
}
