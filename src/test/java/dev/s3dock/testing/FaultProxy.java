package dev.s3dock.testing;

import dev.s3dock.testing.store.S3Servers;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * An HTTP proxy in front of an S3 server that spoils chosen requests: it loses, delays, cuts or
 * replaces answers. One request per connection; the writers of one key take turns, since the
 * servers of {@link S3Servers} check a precondition and then write.
 */
public final class FaultProxy implements AutoCloseable {
  /** What happens to a request. */
  public sealed interface Fault {
    /** The server does it, and the client never hears of it. */
    record LoseAnswer() implements Fault {}

    /** The connection ends before the server has seen the request. */
    record Disconnect() implements Fault {}

    /** The server gets it twice, and the client the second answer alone, as of nginx. */
    record Repeat() implements Fault {}

    /** The server never sees it; the client gets this answer. */
    record Answer(int status, Map<String, String> headers, String body) implements Fault {}

    /** The client gets the head of the answer and this many bytes of its body, and then the end. */
    record Truncate(int bytes) implements Fault {}

    /** As with truncate, but the connection stays open and silent until the proxy is closed. */
    record Stall(int bytes) implements Fault {}

    /** The answer comes whole, after a while. */
    record Delay(Duration time) implements Fault {}
  }

  /**
   * A request as it came in.
   *
   * @param target path and query, encoded
   * @param headers by name in lower case
   */
  public record Request(String method, String target, Map<String, String> headers) {}

  private static final class Rule {
    final Predicate<Request> applies;
    final Fault fault;
    int times;

    Rule(Predicate<Request> applies, Fault fault, int times) {
      this.applies = applies;
      this.fault = fault;
      this.times = times;
    }
  }

  private final URI upstream;
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Rule> rules = new ArrayList<>();
  private final List<Request> requests = new ArrayList<>();
  private Predicate<Request> rewritten = request -> false;
  private UnaryOperator<String> rewriting = UnaryOperator.identity();
  private final Map<String, Object> writers = new ConcurrentHashMap<>();

  private FaultProxy(URI upstream) throws IOException {
    this.upstream = upstream;
    this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  }

  /** Starts on a free port of 127.0.0.1. */
  public static FaultProxy inFrontOf(URI upstream) throws IOException {
    FaultProxy proxy = new FaultProxy(upstream);
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  /** A server that has nothing behind it: every request must be met by a fault. */
  public static FaultProxy alone() throws IOException {
    return inFrontOf(URI.create("http://127.0.0.1:1"));
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** Spoils the next {@code times} requests that the predicate picks; later rules come after. */
  public synchronized void spoil(int times, Predicate<Request> applies, Fault fault) {
    rules.add(new Rule(applies, fault, times));
  }

  /**
   * Answers to what the predicate picks get another text of the same length; head and body, one
   * byte for each char.
   */
  public synchronized void rewrite(Predicate<Request> applies, UnaryOperator<String> change) {
    rewritten = applies;
    rewriting = change;
  }

  private synchronized Optional<UnaryOperator<String>> rewritingOf(Request request) {
    return rewritten.test(request) ? Optional.of(rewriting) : Optional.empty();
  }

  /** All requests so far, in the order of their arrival. */
  public synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  private synchronized Optional<Fault> faultFor(Request request) {
    requests.add(request);
    for (Rule rule : rules) {
      if (rule.times > 0 && rule.applies.test(request)) {
        rule.times--;
        return Optional.of(rule.fault);
      }
    }
    return Optional.empty();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      String head = readHead(in);
      if (head.isEmpty()) {
        return;
      }
      Request request = parse(head);
      byte[] body =
          in.readNBytes(Integer.parseInt(request.headers().getOrDefault("content-length", "0")));
      Optional<Fault> fault = faultFor(request);
      if (request.method().equals("PUT")) {
        synchronized (writers.computeIfAbsent(request.target(), target -> new Object())) {
          answer(request, head, body, fault, client.getOutputStream());
        }
      } else {
        answer(request, head, body, fault, client.getOutputStream());
      }
    } catch (IOException e) {
      // one of the two sides has gone: that is what this proxy is for
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(
      Request request, String head, byte[] body, Optional<Fault> fault, OutputStream out)
      throws IOException, InterruptedException {
    if (fault.isPresent()) {
      switch (fault.get()) {
        case Fault.Disconnect() -> {}
        case Fault.Answer answer -> write(answer, request.method().equals("HEAD"), out);
        case Fault.LoseAnswer() ->
            forward(request, head, body, OutputStream.nullOutputStream(), -1);
        case Fault.Repeat() -> {
          forward(request, head, body, OutputStream.nullOutputStream(), -1);
          forward(request, head, body, out, -1);
        }
        case Fault.Truncate(int bytes) -> forward(request, head, body, out, bytes);
        case Fault.Stall(int bytes) -> {
          forward(request, head, body, out, bytes);
          closed.await();
        }
        case Fault.Delay(Duration time) -> {
          if (!closed.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
            forward(request, head, body, out, -1);
          }
        }
      }
    } else {
      forward(request, head, body, out, -1);
    }
  }

  /** Sends the request on, and back as many bytes of the answer's body as asked for; -1: all. */
  private void forward(Request request, String head, byte[] body, OutputStream out, int limit)
      throws IOException {
    try (Socket socket = new Socket(upstream.getHost(), upstream.getPort())) {
      OutputStream to = socket.getOutputStream();
      to.write(closing(head).getBytes(StandardCharsets.ISO_8859_1));
      to.write(body);
      to.flush();
      InputStream from = new BufferedInputStream(socket.getInputStream());
      byte[] answerHead = closing(readHead(from)).getBytes(StandardCharsets.ISO_8859_1);
      InputStream answer =
          rewritten(request, new SequenceInputStream(new ByteArrayInputStream(answerHead), from));
      if (limit < 0) {
        answer.transferTo(out);
      } else {
        out.write(answer.readNBytes(answerHead.length + limit));
      }
      out.flush();
    }
  }

  private InputStream rewritten(Request request, InputStream answer) throws IOException {
    Optional<UnaryOperator<String>> change = rewritingOf(request);
    if (change.isEmpty()) {
      return answer;
    }
    String text = new String(answer.readAllBytes(), StandardCharsets.ISO_8859_1);
    return new ByteArrayInputStream(change.get().apply(text).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void write(Fault.Answer answer, boolean headOnly, OutputStream out)
      throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " Spoiled\r\n");
    answer.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + body.length + "\r\nConnection: close\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (!headOnly) {
      out.write(body);
    }
    out.flush();
  }

  /** The head up to and with the empty line; empty at the end of the connection. */
  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0 && head.size() == 0) {
        return "";
      }
      if (b < 0) {
        throw new EOFException("half a head");
      }
      head.write(b);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** The same head, for a connection of one request. */
  private static String closing(String head) {
    return head.replaceAll("(?i)\r\n(connection|keep-alive):[^\r]*", "")
        .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
  }

  private static Request parse(String head) {
    String[] lines = head.split("\r\n");
    String[] first = lines[0].split(" ");
    Map<String, String> headers = new ConcurrentHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    return new Request(first[0], first[1], headers);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.shutdownNow();
  }
}
