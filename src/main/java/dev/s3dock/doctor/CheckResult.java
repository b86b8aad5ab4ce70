package dev.s3dock.doctor;

import dev.s3dock.image.FailureWords;
import java.util.Optional;

/**
 * What one check has found.
 *
 * @param check its name
 * @param text what is, and, unless it is as it should be, what to do about it
 * @param reason of a failure, which decides the exit code
 */
public record CheckResult(
    String check, Verdict verdict, String text, Optional<RuntimeException> reason) {

  /** A check that passed; the text says what was found. */
  public static CheckResult ok(String check, String text) {
    return new CheckResult(check, Verdict.OK, text, Optional.empty());
  }

  /** Not as it should be, but the job can be done. */
  public static CheckResult warning(String check, String text) {
    return new CheckResult(check, Verdict.WARNING, text, Optional.empty());
  }

  /** The job cannot be done; the message of the reason says what to do. */
  public static CheckResult failure(String check, RuntimeException reason) {
    return new CheckResult(
        check,
        Verdict.FAILURE,
        reason.getMessage() == null ? FailureWords.of(reason) : reason.getMessage(),
        Optional.of(reason));
  }

  /** A failure where the role needs it, a warning where it does not. */
  public static CheckResult problem(String check, RuntimeException reason, boolean needed) {
    CheckResult failure = failure(check, reason);
    return needed ? failure : warning(check, failure.text());
  }
}
