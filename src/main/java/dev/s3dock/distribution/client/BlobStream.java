package dev.s3dock.distribution.client;

import dev.s3dock.distribution.client.DistributionException.Kind;
import dev.s3dock.http.Response;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A blob that is read on where the connection broke off, with a range where the registry can. */
final class BlobStream extends InputStream {
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Exchange exchange;
  private final Digest digest;
  private final long size;
  private long at;
  private int failures;
  private @Nullable Response response;

  BlobStream(Exchange exchange, Digest digest, long size) {
    this.exchange = exchange;
    this.digest = digest;
    this.size = size;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    while (at < size && length > 0) {
      try {
        InputStream body = opened().body();
        int count = body.read(buffer, offset, (int) Math.min(length, size - at));
        if (count < 0) {
          throw new EOFException("it ended %d bytes early".formatted(size - at));
        }
        at += count;
        failures = 0;
        return count;
      } catch (IOException e) {
        drop();
        if (++failures > exchange.access().retries()) {
          throw broken(e);
        }
        exchange.access().pause().of(PAUSE.multipliedBy(failures));
      }
    }
    return length == 0 ? 0 : -1;
  }

  private DistributionException broken(IOException e) {
    return new DistributionException(
        Kind.UNAVAILABLE,
        "the connection to %s broke while blob %s was read, %d times in a row at byte %d of %d (%s); try again, what is complete is not fetched again"
            .formatted(exchange.reference().name(), digest, failures, at, size, FailureWords.of(e)),
        e);
  }

  private Response opened() throws IOException {
    if (response == null) {
      response = open();
    }
    return response;
  }

  private Response open() throws IOException {
    Response answer =
        exchange.send(
            "GET",
            exchange.address("blobs/" + digest),
            request -> at == 0 ? request : request.header("Range", "bytes=%d-".formatted(at)));
    boolean rest = answer.status() == 206 && begins(answer);
    if (answer.status() == 200 || rest) {
      if (!rest) {
        requireSize(answer);
        answer.body().skipNBytes(at); // a registry need not know ranges
      }
      return answer;
    }
    try (answer) {
      throw exchange.failed(answer, "does not hand out blob " + digest);
    }
  }

  /** What the registry says now, and what its manifest says. */
  private void requireSize(Response answer) throws IOException {
    Optional<String> stated = answer.header("Content-Length");
    if (stated.filter(length -> !length.equals(Long.toString(size))).isPresent()) {
      try (answer) {
        throw new DistributionException(
            Kind.INTEGRITY,
            "%s sends %s bytes for blob %s, of which the manifest says %d; nothing of it was used: tell whoever runs the registry"
                .formatted(exchange.reference().name(), Printable.of(stated.get()), digest, size));
      }
    }
  }

  private boolean begins(Response answer) {
    return answer
        .header("Content-Range")
        .map(it -> it.startsWith("bytes %d-".formatted(at)))
        .orElse(false);
  }

  private void drop() throws IOException {
    if (response != null) {
      response.close();
      response = null;
    }
  }

  @Override
  public void close() throws IOException {
    drop();
  }
}
