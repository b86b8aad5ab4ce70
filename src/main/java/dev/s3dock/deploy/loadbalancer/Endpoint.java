package dev.s3dock.deploy.loadbalancer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.http.HttpPeer;
import dev.s3dock.http.Request;
import dev.s3dock.http.Response;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Where a load balancer takes orders: the absolute path of a Unix socket, or {@code host:port}.
 *
 * @param text as configured, for messages
 */
public record Endpoint(String text) {
  private static final int ANSWER_LIMIT = 64 * 1024 * 1024;

  public Endpoint {
    if (!text.startsWith("/")) {
      parse(text);
    }
  }

  public boolean isUnix() {
    return text.startsWith("/");
  }

  private static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (host.isBlank() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new IllegalArgumentException(
          "'%s' is neither the absolute path of a socket nor host:port".formatted(text));
    }
    return InetSocketAddress.createUnresolved(
        host.replaceAll("^\\[|]$", ""), Integer.parseInt(port));
  }

  /**
   * What an HTTP API answers.
   *
   * @param etag empty if there is none
   */
  public record Answer(int status, String etag, String body) {
    public boolean succeeded() {
      return status >= 200 && status < 300;
    }
  }

  /**
   * Sends one request to an HTTP API, on a connection of its own. Any status is returned.
   *
   * @param deadline for all of it
   * @param name of the load balancer, for messages
   * @param remedy what to look after when it does not answer
   * @throws LoadBalancerException {@code UNAVAILABLE} if no whole answer came
   */
  public Answer send(Request request, Duration deadline, String name, String remedy) {
    return within(deadline, name, remedy, () -> send(request, deadline));
  }

  private Answer send(Request request, Duration deadline) throws IOException {
    try (HttpPeer peer = peer(deadline);
        Response response = peer.send(request)) {
      byte[] body = limited(response.body());
      return new Answer(
          response.status(),
          response.headerOrTrailer("ETag").orElse(""), // Caddy sends it after the body
          new String(body, UTF_8));
    }
  }

  private HttpPeer peer(Duration deadline) {
    if (isUnix()) {
      return HttpPeer.ofUnixSocket(Path.of(text), "localhost");
    }
    InetSocketAddress parsed = parse(text);
    return HttpPeer.ofTcp(parsed.getHostString(), parsed.getPort(), deadline, Optional.empty());
  }

  /**
   * Sends a line that is no HTTP, and returns all that comes until the other side closes.
   *
   * @param deadline for all of it
   * @param name of the load balancer, for messages
   * @param remedy what to look after when it does not answer
   * @throws LoadBalancerException {@code UNAVAILABLE} if no answer came
   */
  public String ask(String line, Duration deadline, String name, String remedy) {
    return within(deadline, name, remedy, () -> converse(line + "\n"));
  }

  private String converse(String question) throws IOException {
    InetSocketAddress parsed = isUnix() ? null : parse(text);
    try (SocketChannel channel =
        parsed == null
            ? SocketChannel.open(UnixDomainSocketAddress.of(text))
            : SocketChannel.open(new InetSocketAddress(parsed.getHostString(), parsed.getPort()))) {
      for (ByteBuffer rest = ByteBuffer.wrap(question.getBytes(UTF_8)); rest.hasRemaining(); ) {
        channel.write(rest);
      }
      return new String(limited(Channels.newInputStream(channel)), UTF_8);
    } catch (UnresolvedAddressException e) {
      throw new UnknownHostException(String.valueOf(text));
    }
  }

  private static byte[] limited(InputStream answer) throws IOException {
    byte[] bytes = answer.readNBytes(ANSWER_LIMIT + 1);
    if (bytes.length > ANSWER_LIMIT) {
      throw new IOException("its answer is longer than " + ANSWER_LIMIT + " bytes");
    }
    return bytes;
  }

  private <T> T within(Duration deadline, String name, String remedy, Callable<T> talk) {
    FutureTask<T> task = new FutureTask<>(talk);
    Thread thread = Thread.ofVirtual().name("load-balancer").start(task);
    try {
      return task.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw unavailable(
          "%s at %s did not answer within %d ms: %s"
              .formatted(name, text, deadline.toMillis(), remedy),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted while asking %s at %s".formatted(name, text), e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause(), name, remedy);
    } finally {
      thread.interrupt(); // closes the connection of a talk that has been given up
    }
  }

  private LoadBalancerException failure(Throwable cause, String name, String remedy) {
    if (HttpPeer.hungUp(cause)) {
      return unavailable(
          "%s at %s closed the connection before the end of its answer: is it being restarted?"
              .formatted(name, text),
          cause);
    }
    if (HttpPeer.speaksOtherwise(cause)) {
      return unavailable(
          "%s at %s does not answer with HTTP: check the address".formatted(name, text), null);
    }
    return unavailable(
        "%s at %s cannot be reached (%s): %s".formatted(name, text, FailureWords.of(cause), remedy),
        cause);
  }

  /**
   * True if the other side ended the connection: it may be restarting, and a question may be put
   * again.
   */
  public static boolean wasCutOff(LoadBalancerException e) {
    return e.getCause() instanceof IOException cause
        && !(cause instanceof ConnectException || cause instanceof UnknownHostException);
  }

  private static LoadBalancerException unavailable(String message, @Nullable Throwable cause) {
    return new LoadBalancerException(Kind.UNAVAILABLE, message, cause);
  }
}
