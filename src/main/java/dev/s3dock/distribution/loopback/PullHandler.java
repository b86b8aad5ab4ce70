package dev.s3dock.distribution.loopback;

import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The pull of one image by the digest of its manifest (distribution-spec, "Pull"). To whoever does
 * not know the repository's name everything is 404, the base of the protocol too: engines do
 * without.
 */
final class PullHandler extends Handler.Abstract {
  private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int BUFFER_BYTES = 128 << 10;
  private static final Pattern REST = Pattern.compile("bytes=(\\d{1,18})-");

  private final PullEndpoint.Image image;
  private final Pattern path;

  PullHandler(String repository, PullEndpoint.Image image) {
    this.image = image;
    this.path =
        Pattern.compile(
            "/v2/%s/(?<what>manifests|blobs)/(?<digest>sha256:[0-9a-f]{64})"
                .formatted(Pattern.quote(repository)));
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    try {
      answer(request, response);
      callback.succeeded();
    } catch (IOException | RuntimeException e) {
      callback.failed(e); // the connection is cut
    }
    return true;
  }

  private void answer(Request request, Response response) throws IOException {
    Matcher of = path.matcher(Objects.requireNonNullElse(request.getHttpURI().getPath(), ""));
    boolean head = request.getMethod().equals("HEAD");
    if (!of.matches() || !(head || request.getMethod().equals("GET"))) {
      end(response, 404);
      return;
    }
    Digest digest = digest(of.group("digest"));
    if (of.group("what").equals("blobs")) {
      blob(digest, head, request, response);
    } else if (digest.equals(image.manifestDigest())) {
      byte[] manifest = image.manifest();
      response.getHeaders().put("Docker-Content-Digest", digest.toString());
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, MANIFEST_TYPE);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, manifest.length);
      response.setStatus(200);
      Content.Sink.write(response, true, head ? NOTHING : ByteBuffer.wrap(manifest));
    } else {
      end(response, 404);
    }
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (InvalidNameException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void blob(Digest digest, boolean head, Request request, Response response)
      throws IOException {
    OptionalLong size = image.size(digest);
    long from = from(request);
    if (size.isEmpty() || (from > 0 && from >= size.getAsLong())) {
      end(response, size.isEmpty() ? 404 : 416);
      return;
    }
    InputStream content;
    try {
      content = head ? InputStream.nullInputStream() : image.open(digest, from);
    } catch (IOException | RuntimeException e) {
      end(response, 500); // the image knows why, and ends the pull
      return;
    }
    try (content) {
      begin(response, from, size.getAsLong());
      send(content, response);
    }
  }

  private static void begin(Response response, long from, long size) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, size - from);
    response.setStatus(from > 0 ? 206 : 200);
    if (from > 0) {
      response
          .getHeaders()
          .put(HttpHeader.CONTENT_RANGE, "bytes %d-%d/%d".formatted(from, size - 1, size));
    }
  }

  /** Engines go on where a connection was lost; they ask for no other ranges. */
  private static long from(Request request) {
    Matcher rest =
        REST.matcher(Objects.requireNonNullElse(request.getHeaders().get(HttpHeader.RANGE), ""));
    return rest.matches() ? Long.parseLong(rest.group(1)) : 0;
  }

  private static void send(InputStream content, Response response) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
      Content.Sink.write(response, false, ByteBuffer.wrap(buffer, 0, count));
    }
    Content.Sink.write(response, true, NOTHING);
  }

  private static void end(Response response, int status) throws IOException {
    response.setStatus(status);
    Content.Sink.write(response, true, NOTHING);
  }
}
