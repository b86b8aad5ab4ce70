package dev.s3dock.distribution.client;

import dev.s3dock.distribution.client.DistributionException.Kind;
import dev.s3dock.distribution.client.Exchange.Content;
import dev.s3dock.distribution.client.OciRepository.Source;
import dev.s3dock.distribution.client.OciRepository.Upload;
import dev.s3dock.http.Response;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Sends a blob: POST begins, one PUT sends all (OCI distribution specification, "POST then PUT"). A
 * registry that has it in another repository may say so at once. What breaks off begins anew.
 */
final class BlobUpload {
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Exchange exchange;
  private final Digest digest;
  private final long size;

  BlobUpload(Exchange exchange, Digest digest, long size) {
    this.exchange = exchange;
    this.digest = digest;
    this.size = size;
  }

  Upload run(Source source) throws IOException {
    for (int failures = 1; ; failures++) {
      Optional<URI> place = begin();
      if (place.isEmpty()) {
        return new Upload(0);
      }
      Optional<String> problem;
      try (SourceStream in = new SourceStream(source.open())) {
        problem = put(place.get(), in);
        in.requireRead();
      }
      if (problem.isEmpty()) {
        return new Upload(size);
      }
      if (failures > exchange.access().retries()) {
        throw new DistributionException(
            Kind.UNAVAILABLE,
            "the upload of blob %s to %s failed %d times, at last with: %s; try again, what is complete is not sent again"
                .formatted(digest, exchange.reference().name(), failures, problem.get()));
      }
      exchange.access().pause().of(PAUSE.multipliedBy(failures));
    }
  }

  /** Where to send it; empty if the registry has mounted it from another repository. */
  private Optional<URI> begin() throws IOException {
    URI address = exchange.address("blobs/uploads/?mount=" + digest);
    try (Response response =
        exchange.send("POST", address, request -> request.content(new byte[0], contentType()))) {
      return switch (response.status()) {
        case 201 -> Optional.empty();
        case 202 ->
            Optional.of(
                exchange
                    .location(address, response)
                    .orElseThrow(() -> exchange.failed(response, "begins no upload")));
        default -> throw exchange.failed(response, "begins no upload");
      };
    }
  }

  /** Empty if all went well; else what did not, if it may go well another time. */
  private Optional<String> put(URI place, InputStream in) {
    String more = "digest=" + digest;
    URI address = URI.create(place + (place.getRawQuery() == null ? "?" : "&") + more);
    Content content = request -> request.upload(in, contentType(), size);
    try (Response response = exchange.sendOnce("PUT", address, content)) {
      int status = response.status();
      if (status == 201) {
        return Optional.empty();
      }
      if (status == 400) {
        throw new DistributionException(
            Kind.INTEGRITY,
            "%s does not take blob %s (%s); check the archive with s3dock verify --deep"
                .formatted(exchange.reference().name(), digest, Exchange.words(response)));
      }
      if (status >= 500 || status == 404 || status == 408 || status == 416 || status == 429) {
        return Optional.of(Exchange.words(response)); // also an upload that it has forgotten
      }
      throw exchange.failed(response, "does not take blob " + digest);
    } catch (IOException e) {
      return Optional.of(FailureWords.of(e));
    }
  }

  /** Keeps what went wrong here, and not on the way to the registry: no other try mends that. */
  private static final class SourceStream extends FilterInputStream {
    private Optional<IOException> failure = Optional.empty();

    SourceStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return super.read(buffer, offset, length);
      } catch (IOException e) {
        failure = Optional.of(e);
        throw e;
      }
    }

    void requireRead() throws IOException {
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  private static String contentType() {
    return OciRepository.contentType();
  }
}
