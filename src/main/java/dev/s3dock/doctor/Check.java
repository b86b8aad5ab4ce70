package dev.s3dock.doctor;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A part of an examination that runs on a thread of its own.
 *
 * @param name for what is said if it ends in no finding of its own
 * @param late makes the reason of a failure, from a message, if it takes too long
 */
public record Check(String name, Function<String, RuntimeException> late, Work work) {
  /** What a check does. */
  @FunctionalInterface
  public interface Work {
    /**
     * Looks, and reports what it finds as soon as it knows it. When it is interrupted it removes
     * what it has made, and ends.
     */
    void run(Consumer<CheckResult> report) throws Exception;
  }

  /** A check of this machine alone. */
  public static Check local(String name, Work work) {
    return new Check(name, UnfitException::new, work);
  }
}
