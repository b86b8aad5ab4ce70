package dev.s3dock.transfer.loopback;

import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that images have in an engine for as long as it pushes to this machine or pulls. */
public final class LoopbackNames {
  private static final int MILLIS = 1_000;
  private static final Pattern NAME =
      Pattern.compile(
          "127\\.0\\.0\\.1:(?<port>\\d{1,5})/(?:%s|%s).+"
              .formatted(LoopbackRegistry.PREFIX, PullEndpoint.PREFIX));

  private LoopbackNames() {}

  /** Removes those of runs that were killed: nobody listens at their ports any more. */
  public static void sweep(Engine engine) {
    sweep(engine, engine::references);
  }

  /** The same of one image alone, which is less to ask for. */
  public static void sweep(Engine engine, String image) {
    sweep(engine, () -> engine.references(image));
  }

  private static void sweep(Engine engine, Supplier<Set<String>> references) {
    try {
      for (String reference : references.get()) {
        Matcher name = NAME.matcher(reference);
        if (name.matches() && !isOpen(Integer.parseInt(name.group("port")))) {
          engine.removeTag(reference);
        }
      }
    } catch (EngineException e) {
      // the next run tries again
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
