import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * Passes TCP connections on and counts their bytes, headers included: {@code java CountingProxy.java
 * PORT HOST:PORT}, where port 0 takes a free one. Prints its port and the port that answers every
 * connection with {@code UP DOWN}, the bytes to and from the target so far. Listens on 127.0.0.1.
 */
final class CountingProxy {
  private static final int BUFFER = 256 * 1024;
  private static final LongAdder UP = new LongAdder();
  private static final LongAdder DOWN = new LongAdder();

  private CountingProxy() {}

  public static void main(String[] args) throws IOException {
    int colon = args[1].lastIndexOf(':');
    String host = args[1].substring(0, colon);
    int port = Integer.parseInt(args[1].substring(colon + 1));
    ServerSocket relay = listen(Integer.parseInt(args[0]));
    ServerSocket counts = listen(0);
    IO.println(relay.getLocalPort() + " " + counts.getLocalPort());
    Thread.ofPlatform().start(() -> accept(counts, CountingProxy::tell));
    accept(relay, client -> connect(client, host, port));
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

  private static void connect(Socket client, String host, int port) throws IOException {
    Socket server = new Socket(host, port);
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    Thread.startVirtualThread(() -> copy(server, client, DOWN));
    copy(client, server, UP);
  }

  /** The end of one direction is passed on; a failure ends both. */
  private static void copy(Socket from, Socket to, LongAdder counter) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[BUFFER];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        counter.add(read);
        out.write(buffer, 0, read);
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

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      System.err.println("counting proxy: " + e);
    }
  }
}
