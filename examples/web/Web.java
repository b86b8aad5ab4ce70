import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An app that can be deployed without a lost request: it says when it is ready, finishes what it
 * has begun when it is told to end, and takes nothing new. README.md tells what it answers, and how
 * to make it fail.
 */
public final class Web {
  private static final int BACKLOG = 1024;
  private static final int IDLE_CHECK_MS = 250;
  private static final int CLOSE_MS = 2000;
  private static final int LONGEST_FRAME = 1 << 20;
  private static final Properties FILE = settingsFile();
  private static final long BEGIN = System.nanoTime();
  private static final String BODY = setting("VERSION", "dev") + " " + instance() + "\n";
  private static final Set<Connection> OPEN = ConcurrentHashMap.newKeySet();
  private static volatile boolean ending;

  public static void main(String[] args) throws Exception {
    if (args.length == 2 && args[0].equals("probe")) {
      System.exit(probe(args[1]) ? 0 : 1);
    }
    if (!setting("EXIT_AT_ONCE", "").isEmpty()) {
      System.err.println("exits at once, as EXIT_AT_ONCE says");
      System.exit((int) number("EXIT_AT_ONCE"));
    }
    ServerSocket server = new ServerSocket((int) number("PORT", 8080), BACKLOG);
    Thread acceptor = Thread.ofPlatform().start(() -> accept(server));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(acceptor)));
    System.out.println("version " + BODY.strip() + " listens on port " + server.getLocalPort());
    if (number("DIE_AFTER_MS") > 0) {
      Thread.sleep(number("DIE_AFTER_MS"));
      System.err.println("dies, as DIE_AFTER_MS says");
      Runtime.getRuntime().halt(42);
    }
  }

  // ---- settings: the environment, then a file of the image
  // ---------------------------------------

  private static Properties settingsFile() {
    Properties settings = new Properties();
    Path file = Path.of(System.getProperty("java.class.path"), "settings");
    if (Files.exists(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        settings.load(in);
      } catch (IOException e) {
        throw new IllegalStateException("cannot read " + file, e);
      }
    }
    return settings;
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv(name);
    return value != null ? value : FILE.getProperty(name, otherwise);
  }

  private static long number(String name) {
    return number(name, 0);
  }

  private static long number(String name, long otherwise) {
    return Long.parseLong(setting(name, Long.toString(otherwise)));
  }

  private static String instance() {
    String name = System.getenv("HOSTNAME"); // Docker sets it
    try {
      return name != null ? name : Files.readString(Path.of("/etc/hostname")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  // ---- readiness
  // ---------------------------------------------------------------------------------

  private static boolean isUp() {
    long age = (System.nanoTime() - BEGIN) / 1_000_000;
    long failsAfter = number("FAIL_UP_AFTER_MS");
    return setting("FAIL_UP", "").isEmpty()
        && age >= number("START_DELAY_MS")
        && (failsAfter == 0 || age < failsAfter);
  }

  private static boolean probe(String url) {
    try {
      HttpURLConnection request = (HttpURLConnection) URI.create(url).toURL().openConnection();
      request.setConnectTimeout(2000);
      request.setReadTimeout(2000);
      int status = request.getResponseCode();
      System.out.println(url + " answers " + status);
      return status >= 200 && status < 400;
    } catch (IOException e) {
      System.out.println(url + " does not answer: " + e.getMessage());
      return false;
    }
  }

  // ---- connections
  // -------------------------------------------------------------------------------

  /** Also takes what was connecting when the end came; after that, the kernel refuses. */
  private static void accept(ServerSocket server) {
    try (server) {
      for (int late = 0; late < BACKLOG; late += ending ? 1 : 0) {
        try {
          server.setSoTimeout(ending ? 1 : IDLE_CHECK_MS);
          Connection connection = new Connection(server.accept());
          OPEN.add(connection);
          Thread.startVirtualThread(connection::serve);
        } catch (SocketTimeoutException e) {
          if (ending) {
            return;
          }
        }
      }
    } catch (IOException e) {
      System.err.println("cannot accept: " + e.getMessage());
      Runtime.getRuntime().halt(1);
    }
  }

  /** On SIGTERM. Whoever asked for it kills what takes too long. */
  private static void end(Thread acceptor) {
    System.out.println("ends when " + OPEN.size() + " connections have");
    ending = true;
    try {
      acceptor.join();
      OPEN.forEach(Connection::goAway);
      do {
        Thread.sleep(10);
      } while (!OPEN.isEmpty() || !setting("IGNORE_TERM", "").isEmpty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.out.println("ends");
    Runtime.getRuntime().halt(0);
  }

  private static final class Connection {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean webSocket;
    private boolean closeSent;

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      socket.setTcpNoDelay(true);
      // A close waits until all has arrived: what is still on its way when a container ends, is
      // lost with its network.
      socket.setSoLinger(true, 5);
      in = new BufferedInputStream(socket.getInputStream());
      out = new BufferedOutputStream(socket.getOutputStream());
    }

    void serve() {
      try (socket) {
        boolean more = true;
        while (more && awaitRequest()) {
          more = answer();
        }
      } catch (IOException | RuntimeException e) {
        // the other side went away, or spoke nonsense: nobody to tell
      } finally {
        OPEN.remove(this);
      }
    }

    /** False if the connection ends; one that is idle when the app ends is closed. */
    private boolean awaitRequest() throws IOException {
      socket.setSoTimeout(IDLE_CHECK_MS);
      in.mark(1);
      while (true) {
        try {
          if (in.read() < 0) {
            return false;
          }
          in.reset();
          socket.setSoTimeout(30_000);
          return true;
        } catch (SocketTimeoutException e) {
          if (ending) {
            return false;
          }
        }
      }
    }

    /** Returns true if the connection takes another request. */
    private boolean answer() throws IOException {
      String[] request = line().split(" ");
      Map<String, String> head = head();
      in.skipNBytes(Long.parseLong(head.getOrDefault("content-length", "0")));
      boolean body = !request[0].equals("HEAD");
      boolean keep =
          !ending
              && !head.getOrDefault("connection", "").equalsIgnoreCase("close")
              && !head.containsKey("transfer-encoding") // is not read here, so it must not follow
              && request[2].equals("HTTP/1.1");
      String[] target = request[1].split("\\?", 2);
      switch (isUp() ? target[0] : "not up") {
        case "/" -> respond(200, BODY, keep, body, 0);
        case "/up" -> respond(200, "up\n", keep, body, 0);
        case "/slow" -> respond(200, BODY, keep, body, delay(target));
        case "/ws" -> {
          if (head.containsKey("sec-websocket-key")) {
            echo(head.get("sec-websocket-key"));
            return false;
          }
          respond(426, "only for a WebSocket\n", keep, body, 0);
        }
        case "not up" -> respond(503, "not up\n", keep, body, 0);
        default -> respond(404, "there is no such page\n", keep, body, 0);
      }
      return keep;
    }

    private Map<String, String> head() throws IOException {
      Map<String, String> head = new HashMap<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        head.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      return head;
    }

    private static long delay(String[] target) {
      return target.length < 2 ? 3000 : Long.parseLong(target[1].replaceFirst("^ms=", ""));
    }

    private void respond(int status, String text, boolean keep, boolean withBody, long delay)
        throws IOException {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      write("HTTP/1.1 " + status + (status == 200 ? " OK" : " No") + "\r\n");
      write("Content-Type: text/plain\r\nContent-Length: " + body.length + "\r\n");
      write(keep ? "\r\n" : "Connection: close\r\n\r\n");
      if (delay > 0) {
        out.flush();
        pause(delay);
      }
      if (withBody) {
        out.write(body);
      }
      out.flush();
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0 || line.size() > 8192) {
          throw new EOFException();
        }
        line.write(c);
      }
      return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private void write(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    // ---- WebSocket, RFC 6455
    // ---------------------------------------------------------------------

    private void echo(String key) throws IOException {
      byte[] hash = sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
      synchronized (this) {
        write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(hash)
                + "\r\n\r\n");
        out.flush();
        webSocket = true;
      }
      socket.setSoTimeout(0);
      if (ending) {
        goAway();
      }
      while (true) {
        int first = in.read();
        int second = in.read();
        if (second < 0) {
          return;
        }
        long length = second & 0x7F;
        length = length < 126 ? length : number(in.readNBytes(length == 126 ? 2 : 8));
        if (length < 0 || length > LONGEST_FRAME) {
          frame(0x88, new byte[] {0x03, (byte) 0xF1}); // 1009: too big
          return;
        }
        byte[] mask = in.readNBytes((second & 0x80) == 0 ? 0 : 4);
        byte[] payload = in.readNBytes((int) length);
        for (int i = 0; mask.length == 4 && i < payload.length; i++) {
          payload[i] ^= mask[i % 4];
        }
        switch (first & 0x0F) {
          case 0x8 -> {
            frame(0x88, payload);
            return;
          }
          case 0x9 -> frame(0x8A, payload);
          case 0xA -> {}
          default -> frame(first, payload); // a part of a message comes back as a part
        }
      }
    }

    private static long number(byte[] bytes) {
      long number = 0;
      for (byte b : bytes) {
        number = number << 8 | b & 0xFF;
      }
      return number;
    }

    /** On the app's end: 1001, going away. The other side answers with a close of its own. */
    synchronized void goAway() {
      try {
        if (webSocket) {
          frame(0x88, new byte[] {0x03, (byte) 0xE9});
          Thread.startVirtualThread(this::closeLater);
        }
      } catch (IOException e) {
        // it is gone already
      }
    }

    private void closeLater() {
      pause(CLOSE_MS);
      try {
        socket.close();
      } catch (IOException e) {
        // it is closed
      }
    }

    private synchronized void frame(int first, byte[] payload) throws IOException {
      if (closeSent) {
        return;
      }
      closeSent = first == 0x88;
      out.write(first);
      if (payload.length < 126) {
        out.write(payload.length);
      } else {
        out.write(payload.length < 65536 ? 126 : 127);
        for (int shift = payload.length < 65536 ? 8 : 56; shift >= 0; shift -= 8) {
          out.write((int) ((long) payload.length >> shift));
        }
      }
      out.write(payload);
      out.flush();
    }
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] sha1(String text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.ISO_8859_1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
