package dev.s3dock.cli.render;

import dev.s3dock.cli.invocation.ProcessContext;

/** Colours of words that a person must not overlook. */
public enum Paint {
  NONE(""),
  RED("31"),
  GREEN("32"),
  YELLOW("33");

  private final String code;

  Paint(String code) {
    this.code = code;
  }

  /** The text in this colour, if stderr takes colours. */
  public String onErr(String text, ProcessContext process) {
    return process.display().colorsErr() ? around(text) : text;
  }

  /** The text in this colour, if stdout takes colours. */
  public String onOut(String text, ProcessContext process) {
    return process.display().colorsOut() ? around(text) : text;
  }

  private String around(String text) {
    return code.isEmpty() || text.isEmpty() ? text : "\u001b[%sm%s\u001b[0m".formatted(code, text);
  }
}
