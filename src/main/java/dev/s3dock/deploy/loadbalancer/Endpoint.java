package dev.s3dock.deploy.loadbalancer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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

  private SocketAddress address() {
    if (isUnix()) {
      return UnixDomainSocketAddress.of(text);
    }
    InetSocketAddress parsed = parse(text);
    return new InetSocketAddress(parsed.getHostString(), parsed.getPort());
  }

  /**
   * Sends a question and returns all that comes until the other side closes.
   *
   * @param name of the load balancer, for messages
   * @param remedy what to look after when it does not answer
   */
  public byte[] ask(byte[] question, Duration deadline, String name, String remedy) {
    try (SocketChannel channel = open()) {
      CompletableFuture<byte[]> answer =
          CompletableFuture.supplyAsync(
              () -> converse(channel, question), Thread::startVirtualThread);
      return answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw unavailable(
          "%s at %s did not answer within %d ms: %s"
              .formatted(name, text, deadline.toMillis(), remedy),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted while asking %s at %s".formatted(name, text), e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() instanceof Broken broken ? broken.getCause() : e.getCause();
      throw unavailable(
          "%s at %s cannot be reached (%s): %s".formatted(name, text, cause, remedy), cause);
    } catch (IOException e) {
      throw unavailable("cannot open a socket for %s at %s: %s".formatted(name, text, e), e);
    }
  }

  /**
   * True if the other side ended the connection: it may be restarting, and a question may be put
   * again.
   */
  public static boolean wasCutOff(LoadBalancerException e) {
    return e.getCause() instanceof IOException cause && !(cause instanceof ConnectException);
  }

  private SocketChannel open() throws IOException {
    return isUnix() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
  }

  private static LoadBalancerException unavailable(String message, @Nullable Throwable cause) {
    return new LoadBalancerException(Kind.UNAVAILABLE, message, cause);
  }

  private static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(Exception cause) {
      super(cause);
    }
  }

  /** Ends early when the channel is closed because the deadline has passed. */
  private byte[] converse(SocketChannel channel, byte[] question) {
    try {
      channel.connect(address());
      for (ByteBuffer rest = ByteBuffer.wrap(question); rest.hasRemaining(); ) {
        channel.write(rest);
      }
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(buffer) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
        if (answer.size() > ANSWER_LIMIT) {
          throw new IOException("its answer is longer than " + ANSWER_LIMIT + " bytes");
        }
      }
      return answer.toByteArray();
    } catch (IOException | UnresolvedAddressException e) {
      throw new Broken(e);
    }
  }

  /** The same for a line of text. */
  public String ask(String line, Duration deadline, String name, String remedy) {
    return new String(ask((line + "\n").getBytes(UTF_8), deadline, name, remedy), UTF_8);
  }
}
