package dev.s3dock.cli.invocation;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The libraries log through SLF4J to java.util.logging; a user sees that at level 3 alone. */
public final class LibraryLogs {
  private static final Logger ROOT = Logger.getLogger("");

  private LibraryLogs() {}

  public static void setLevel(GlobalOptions options) {
    // INFO and no finer: the wire logs of HTTP clients hold headers with credentials
    Level level = options.showsEverything() ? Level.INFO : Level.OFF;
    ROOT.setLevel(level);
    for (Handler handler : ROOT.getHandlers()) {
      handler.setLevel(level);
    }
  }
}
