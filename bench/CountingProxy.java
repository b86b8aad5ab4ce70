import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Passes TCP connections on and counts their bytes, headers included: {@code java CountingProxy.java
 * PORT HOST:PORT [MBIT MILLIS]}, where port 0 takes a free one. Prints its port and the port that
 * answers every connection with {@code UP DOWN}, the bytes to and from the target so far. Listens on
 * 127.0.0.1.
 *
 * <p>With a rate it is a slow line: all connections together pass so many megabits a second in each
 * direction, and each byte takes half of the round trip's milliseconds; to open a connection takes
 * one round trip. Slow starts, losses and TLS are not played.
 */
final class CountingProxy {
  private static final int BUFFER = 256 * 1024;
  private static final LongAdder UP = new LongAdder();
  private static final LongAdder DOWN = new LongAdder();

  private CountingProxy() {}

  /** One direction of a line: what is sent takes its turn, and then its time. */
  private static final class Line {
    /** Sent at once, of one connection. */
    static final int PIECE = 16 * 1024;

    /** Pieces of one connection that are on their way. */
    static final int AHEAD = 64;

    /** What was not sent in this time, since this process came late, is sent after it. */
    private static final long BURST_NANOS = 30_000_000;

    private final double nanosPerByte;
    private final long delay;
    private long free = System.nanoTime();

    Line(double megabits, double millis) {
      nanosPerByte = 8_000 / megabits;
      delay = (long) (millis * 1_000_000 / 2);
    }

    /** Waits until these bytes have left; returns when they arrive, by System.nanoTime. */
    long send(int bytes) throws InterruptedException {
      long left;
      synchronized (this) {
        free = Math.max(free, System.nanoTime() - BURST_NANOS) + (long) (bytes * nanosPerByte);
        left = free;
      }
      sleepUntil(left);
      return left + delay;
    }

    static void sleepUntil(long time) throws InterruptedException {
      TimeUnit.NANOSECONDS.sleep(time - System.nanoTime());
    }
  }

  /** Bytes on their way; none at the end. */
  private record Piece(byte[] bytes, int length, long arrives) {}

  public static void main(String[] args) throws IOException {
    int colon = args[1].lastIndexOf(':');
    String host = args[1].substring(0, colon);
    int port = Integer.parseInt(args[1].substring(colon + 1));
    Optional<Line> up = line(args);
    Optional<Line> down = line(args);
    ServerSocket relay = listen(Integer.parseInt(args[0]));
    ServerSocket counts = listen(0);
    IO.println(relay.getLocalPort() + " " + counts.getLocalPort());
    Thread.ofPlatform().start(() -> accept(counts, CountingProxy::tell));
    accept(relay, client -> connect(client, new Socket(host, port), up, down));
  }

  private static Optional<Line> line(String[] args) {
    return args.length < 4
        ? Optional.empty()
        : Optional.of(new Line(Double.parseDouble(args[2]), Double.parseDouble(args[3])));
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 512, InetAddress.getLoopbackAddress());
  }

  private interface Handler {
    void handle(Socket socket) throws IOException;
  }

  private static void accept(ServerSocket listener, Handler handler) {
    while (true) {
      try {
        Socket socket = listener.accept();
        Thread.startVirtualThread(
            () -> {
              try {
                handler.handle(socket);
              } catch (IOException e) {
                close(socket);
              }
            });
      } catch (IOException e) {
        System.err.println("counting proxy: " + e);
      }
    }
  }

  private static void tell(Socket socket) throws IOException {
    try (socket) {
      String line = UP.sum() + " " + DOWN.sum() + "\n";
      socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void connect(
      Socket client, Socket server, Optional<Line> up, Optional<Line> down) throws IOException {
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    Thread.startVirtualThread(() -> copy(server, client, DOWN, down));
    copy(client, server, UP, up);
  }

  /** The end of one direction is passed on; a failure ends both. */
  private static void copy(Socket from, Socket to, LongAdder counter, Optional<Line> line) {
    try {
      if (line.isPresent()) {
        copySlowly(from, to, counter, line.get());
      } else {
        copyAtOnce(from, to, counter);
      }
      to.shutdownOutput();
      if (from.isOutputShutdown()) {
        close(from);
        close(to);
      }
    } catch (SocketException e) {
      close(from);
      close(to);
    } catch (IOException e) {
      System.err.println("counting proxy: " + e);
      close(from);
      close(to);
    }
  }

  private static void copyAtOnce(Socket from, Socket to, LongAdder counter) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      counter.add(read);
      out.write(buffer, 0, read);
    }
  }

  /** What one end sends is read here, and written when it arrives at the other. */
  private static void copySlowly(Socket from, Socket to, LongAdder counter, Line line)
      throws IOException {
    BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(Line.AHEAD);
    Thread writer = Thread.startVirtualThread(() -> write(pieces, from, to));
    try {
      InputStream in = from.getInputStream();
      long opened = System.nanoTime() + 2 * line.delay;
      int read;
      do {
        byte[] buffer = new byte[Line.PIECE];
        read = in.read(buffer);
        counter.add(Math.max(0, read));
        Line.sleepUntil(opened);
        pieces.put(new Piece(buffer, read, line.send(Math.max(0, read))));
      } while (read >= 0);
      writer.join();
    } catch (InterruptedException e) {
      throw new SocketException("interrupted");
    } finally {
      writer.interrupt();
    }
  }

  private static void write(BlockingQueue<Piece> pieces, Socket from, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      for (Piece piece = pieces.take(); piece.length() >= 0; piece = pieces.take()) {
        Line.sleepUntil(piece.arrives());
        out.write(piece.bytes(), 0, piece.length());
      }
    } catch (IOException | InterruptedException e) {
      close(from); // which ends the reader,
      close(to);
      pieces.clear(); // also where that waits for room
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      System.err.println("counting proxy: " + e);
    }
  }
}
