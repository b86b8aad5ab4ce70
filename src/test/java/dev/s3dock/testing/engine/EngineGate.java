package dev.s3dock.testing.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A socket in front of an engine's, so that the engine can be gone for some and run on. */
public final class EngineGate implements AutoCloseable {
  private static final int BUFFER = 64 << 10;

  private final Path socket;
  private final UnixDomainSocketAddress engine;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  private EngineGate(Path socket, UnixDomainSocketAddress engine) throws IOException {
    this.socket = socket;
    this.engine = engine;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.startVirtualThread(this::accept);
  }

  /**
   * Opens a gate.
   *
   * @param socket where it listens; a short path
   * @param dockerHost the engine behind it, {@code unix://…}
   */
  public static EngineGate open(Path socket, String dockerHost) {
    try {
      String path = dockerHost.substring("unix://".length());
      return new EngineGate(socket, UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As in {@code DOCKER_HOST}. */
  public String dockerHost() {
    return "unix://" + socket;
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        SocketChannel behind = SocketChannel.open(engine);
        open.add(client);
        open.add(behind);
        Thread.startVirtualThread(() -> pump(client, behind));
        Thread.startVirtualThread(() -> pump(behind, client));
      } catch (IOException e) {
        close();
      }
    }
  }

  private void pump(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The engine is gone: what is open breaks, and nobody can connect any more. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(EngineGate::closeQuietly);
  }
}
