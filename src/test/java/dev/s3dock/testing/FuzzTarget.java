package dev.s3dock.testing;

import java.util.Set;

/**
 * A parser that is given bad input. It returns, or throws what it declares; all else is a bug.
 *
 * @param name of the target, and of its folder in {@code src/test/resources/fuzz}
 * @param declared what the parser may throw
 */
public record FuzzTarget(String name, Set<Class<? extends Exception>> declared, Body body) {

  /** Feeds one input; throws {@link AssertionError} if a property does not hold. */
  @FunctionalInterface
  public interface Body {
    void run(byte[] input) throws Exception;
  }

  /** A target whose parser may throw one kind of exception, and those that extend it. */
  public static FuzzTarget of(String name, Class<? extends Exception> declared, Body body) {
    return new FuzzTarget(name, Set.of(declared), body);
  }

  /** Runs one input to its end. */
  public void run(byte[] input) throws Exception {
    try {
      body.run(input);
    } catch (Exception e) {
      if (declared.stream().noneMatch(type -> type.isInstance(e))) {
        throw e;
      }
      requireSafe(String.valueOf(e.getMessage()));
    }
  }

  private static void requireSafe(String message) {
    if (message.chars().anyMatch(c -> c == 0x1b || c == 0 || c == 0x9b)) {
      throw new AssertionError("a message that steers a terminal: " + message);
    }
  }

  /** Fails unless a property holds. */
  public static void require(boolean holds, String property) {
    if (!holds) {
      throw new AssertionError(property);
    }
  }
}
