package dev.s3dock.engine.docker;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import java.util.Map;

/** A container's environment, whose values must not show: the engine quotes what it dislikes. */
final class Variables {
  private static final int SHORTEST_SECRET = 6; // "80" hidden in a message would only spoil it

  private Variables() {}

  /**
   * Finds what the engine or its runtime would refuse.
   *
   * @throws EngineException {@code FAILED}
   */
  static void check(Map<String, String> env, String what) {
    env.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw new EngineException(
                Kind.FAILED, what + ": a variable's name is empty, or has '=' or NUL in it");
          }
          if (value.indexOf('\0') >= 0) {
            throw new EngineException(
                Kind.FAILED,
                "%s: the value of the variable %s has a NUL in it, which no program can get"
                    .formatted(what, name));
          }
        });
  }

  /** The text without any of the values. */
  static String hidden(Map<String, String> env, String text) {
    String hidden = text;
    for (String value : env.values()) {
      if (value.length() >= SHORTEST_SECRET) {
        hidden = hidden.replace(value, "***");
      }
    }
    return hidden;
  }
}
