package dev.s3dock.distribution.loopback;

import dev.s3dock.archive.FormatLimits;
import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Receiver;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Taken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The push of blobs in one of two ways (distribution-spec, "Pushing a blob in chunks", and "POST
 * then PUT"), and of what names them.
 */
final class PushHandler extends Handler.Abstract {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final Pattern PATH =
      Pattern.compile(
          "/v2/(?<name>.+)/(?:blobs/(?:uploads/(?<upload>[0-9a-f-]*)|(?<digest>sha256:.+))|manifests/(?<manifest>.+))");

  private final String repository;
  private final Receiver receiver;
  private final Set<String> stored = ConcurrentHashMap.newKeySet();
  private final Set<String> begun = ConcurrentHashMap.newKeySet();
  private final Map<String, Taken> uploads = new ConcurrentHashMap<>();

  PushHandler(String repository, Receiver receiver) {
    this.repository = repository;
    this.receiver = receiver;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    try {
      answer(request, response);
      callback.succeeded();
    } catch (IOException | RuntimeException e) {
      callback.failed(e); // the connection is cut, and the engine tries again or gives up
    }
    return true;
  }

  private void answer(Request request, Response response) throws IOException {
    String path = Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
    response.getHeaders().put("Docker-Distribution-API-Version", "registry/2.0");
    if (path.equals("/v2/")) {
      end(response, 200);
      return;
    }
    Matcher of = PATH.matcher(path);
    if (!of.matches() || !of.group("name").startsWith(repository + "/")) {
      end(response, 404); // somebody else's
      return;
    }
    if (of.group("manifest") != null) {
      manifest(request, response);
      return;
    }
    switch (request.getMethod()) {
      case "HEAD" -> head(Optional.ofNullable(of.group("digest")), response);
      case "POST" -> {
        String upload = UUID.randomUUID().toString();
        begun.add(upload);
        end(located(response, path + upload), 202);
      }
      case "PATCH" -> take(of.group("upload"), path, request, response);
      case "PUT" -> put(of.group("upload"), path, request, response);
      default -> end(response, 405);
    }
  }

  private void head(Optional<String> digest, Response response) throws IOException {
    if (digest.isEmpty() || !has(digest.get())) {
      end(response, 404);
      return;
    }
    response.getHeaders().put("Docker-Content-Digest", digest.get());
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 1); // nobody will ever read it
    end(response, 200);
  }

  private boolean has(String digest) {
    try {
      return stored.contains(digest) || receiver.has(Digest.parse(digest));
    } catch (InvalidNameException e) {
      return false;
    }
  }

  /**
   * An answer that comes before the end of the upload ends that: Go's client takes it for what it
   * is if the connection stays open, so it is read on until the client closes it.
   */
  private void take(String upload, String path, Request request, Response response)
      throws IOException {
    try (InputStream content = Content.Source.asInputStream(request)) {
      begun.remove(upload);
      uploads.put(upload, receiver.take(content));
      located(response, path).getHeaders().put(HttpHeader.RANGE, "0-0");
      if (content.read() < 0) {
        end(response, 202);
        return;
      }
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      response.setStatus(202);
      Content.Sink.write(response, false, NOTHING);
      byte[] rest = new byte[8 << 10];
      while (content.read(rest) >= 0) {
        // until it stops
      }
    }
  }

  /** Nobody has it; and a pusher goes on only if it may believe that it is stored. */
  private void manifest(Request request, Response response) throws IOException {
    if (!request.getMethod().equals("PUT")) {
      end(response, 404);
      return;
    }
    byte[] bytes;
    try (InputStream content = Content.Source.asInputStream(request)) {
      bytes = content.readNBytes(FormatLimits.MAX_DOCUMENT_BYTES);
    }
    receiver.takeManifest(bytes);
    response.getHeaders().put("Docker-Content-Digest", Digest.of(bytes).toString());
    end(response, 201);
  }

  /** All of a blob in one request, whose sender does not take an answer before its end. */
  private Taken takeWhole(Request request) throws IOException {
    try (InputStream content = Content.Source.asInputStream(request)) {
      Taken taken = receiver.take(content);
      content.transferTo(OutputStream.nullOutputStream());
      return taken;
    }
  }

  private void put(String upload, String path, Request request, Response response)
      throws IOException {
    String digest =
        Objects.requireNonNullElse(Request.extractQueryParameters(request).getValue("digest"), "");
    Taken taken = uploads.remove(upload);
    if (taken == null && !begun.remove(upload)) {
      end(response, 404);
      return;
    }
    if (taken == null) {
      taken = takeWhole(request);
    }
    try {
      taken.named(Digest.parse(digest));
    } catch (InvalidNameException e) {
      end(response, 400);
      return;
    }
    stored.add(digest);
    response.getHeaders().put("Docker-Content-Digest", digest);
    end(located(response, path), 201);
  }

  private static Response located(Response response, String path) {
    response.getHeaders().put(HttpHeader.LOCATION, path);
    response.getHeaders().put("Docker-Upload-UUID", "s3dock");
    return response;
  }

  private static void end(Response response, int status) throws IOException {
    response.setStatus(status);
    Content.Sink.write(response, true, NOTHING);
  }
}
