package dev.s3dock.transfer.export;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that images have in an engine for as long as they are pushed to this machine. */
final class PushNames {
  private static final int MILLIS = 1_000;
  private static final Pattern NAME =
      Pattern.compile("127\\.0\\.0\\.1:(?<port>\\d{1,5})/" + LoopbackRegistry.PREFIX + ".+");

  private PushNames() {}

  /** Removes those of pushes that were killed: nobody listens at their ports any more. */
  static void sweep(Engine engine) {
    try {
      for (String reference : engine.references()) {
        Matcher name = NAME.matcher(reference);
        if (name.matches() && !isOpen(Integer.parseInt(name.group("port")))) {
          engine.removeTag(reference);
        }
      }
    } catch (EngineException e) {
      // the next push tries again
    }
  }

  private static boolean isOpen(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
