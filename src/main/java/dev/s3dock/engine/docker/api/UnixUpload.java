package dev.s3dock.engine.docker.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A POST of a long body over a Unix socket which hears an answer that comes before the body's end.
 *
 * <p>Docker with the containerd store answers as soon as it dislikes an archive, and stops reading.
 * The transport library only reads after it has written everything, so it meets a broken connection
 * and never sees the engine's words. HTTP/1.1 as of RFC 9112, as far as it is needed here.
 */
final class UnixUpload {
  private static final int BUFFER = 256 * 1024;
  private static final int SIZE_LINE = 8 + 2; // hex digits and the end of the line
  private static final int ANSWER_SECONDS =
      10; // for an answer that was sent before we were cut off

  private final Path socket;

  UnixUpload(Path socket) {
    this.socket = socket;
  }

  /** Sends the body, which is not closed, and returns what the engine answers, early or late. */
  DockerApi.Answer post(String path, GuardedSource body) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      CompletableFuture<DockerApi.Answer> answer =
          CompletableFuture.supplyAsync(() -> read(channel), Thread::startVirtualThread);
      try {
        send(channel, path, body, answer);
      } catch (IOException e) {
        if (body.hasFailed()) {
          throw e;
        }
        return early(answer, e);
      }
      return answer.get();
    } catch (ExecutionException e) {
      throw new IOException(DockerErrors.rootMessage(e), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static DockerApi.Answer early(
      CompletableFuture<DockerApi.Answer> answer, IOException sending) throws IOException {
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      sending.addSuppressed(e);
      throw sending;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static InterruptedIOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException e = new InterruptedIOException("interrupted during an upload");
    e.initCause(cause);
    return e;
  }

  private static void send(
      SocketChannel channel, String path, InputStream body, CompletableFuture<?> answer)
      throws IOException {
    String head =
        "POST %s HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            .formatted(path);
    write(channel, ByteBuffer.wrap(head.getBytes(ISO_8859_1)));
    byte[] chunk = new byte[SIZE_LINE + BUFFER + 2];
    for (int count; (count = body.readNBytes(chunk, SIZE_LINE, BUFFER)) > 0; ) {
      if (answer.isDone()) {
        return;
      }
      byte[] size = "%08x\r\n".formatted(count).getBytes(ISO_8859_1);
      System.arraycopy(size, 0, chunk, 0, SIZE_LINE);
      chunk[SIZE_LINE + count] = '\r';
      chunk[SIZE_LINE + count + 1] = '\n';
      write(channel, ByteBuffer.wrap(chunk, 0, SIZE_LINE + count + 2));
    }
    write(channel, ByteBuffer.wrap("0\r\n\r\n".getBytes(ISO_8859_1)));
  }

  private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static DockerApi.Answer read(SocketChannel channel) {
    try {
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
      String status = line(in);
      boolean chunked = false;
      int length = -1;
      for (String header = line(in); !header.isEmpty(); header = line(in)) {
        String field = header.toLowerCase(Locale.ROOT);
        chunked |= field.startsWith("transfer-encoding:") && field.contains("chunked");
        if (field.startsWith("content-length:")) {
          length = Integer.parseInt(field.substring(field.indexOf(':') + 1).strip());
        }
      }
      byte[] body = chunked ? chunks(in) : length < 0 ? in.readAllBytes() : exactly(in, length);
      return new DockerApi.Answer(Integer.parseInt(status.split(" ")[1]), new String(body, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      body.write(exactly(in, size));
      line(in);
    }
    return body.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
  }

  private static byte[] exactly(InputStream in, int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("the engine closed the connection within its answer");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the engine closed the connection before its answer");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }
}
