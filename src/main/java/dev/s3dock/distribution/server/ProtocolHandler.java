package dev.s3dock.distribution.server;

import dev.s3dock.distribution.BlobContent;
import dev.s3dock.distribution.Document;
import dev.s3dock.distribution.ErrorCode;
import dev.s3dock.distribution.ProtocolPath;
import dev.s3dock.distribution.RefusedException;
import dev.s3dock.distribution.Repository;
import dev.s3dock.distribution.RequestedRange;
import dev.s3dock.distribution.ServedBlob;
import dev.s3dock.distribution.server.DistributionServer.Parts;
import dev.s3dock.store.ByteRange;
import dev.s3dock.telemetry.Exposition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers requests (distribution-spec, "Endpoints"), each on a thread of its own. */
final class ProtocolHandler extends Handler.Abstract {
  private static final String DIGEST = "Docker-Content-Digest";
  private static final String HEALTH = "/healthz";
  private static final String METRICS = "/metrics";

  private final Parts parts;
  private final Visitors visitors;
  private final NameLists lists;
  private final Duration patience;

  ProtocolHandler(Parts parts, Visitors visitors, Duration patience) {
    this.patience = patience;
    this.parts = parts;
    this.visitors = visitors;
    this.lists = new NameLists(parts.repositories());
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Reply reply = new Reply(request, response, patience);
    try {
      answer(request, reply);
      callback.succeeded();
    } catch (IOException | RuntimeException e) {
      fail(request, reply, e, callback);
    }
    return true;
  }

  private static void fail(Request request, Reply reply, Exception e, Callback callback) {
    RefusedException error = error(e);
    if (error != e && error.code() != ErrorCode.BAD_REQUEST) {
      request.setAttribute(AccessNotes.PROBLEM, String.valueOf(error.getMessage()));
    }
    if (reply.hasBegun()) {
      callback.failed(e); // the connection is cut: no client takes what has come for the whole
      return;
    }
    try {
      reply.error(error);
      callback.succeeded();
    } catch (IOException | RuntimeException gone) {
      callback.failed(gone);
    }
  }

  private static RefusedException error(Exception e) {
    return e instanceof HttpException refused && refused.getCode() < 500
        ? new RefusedException(ErrorCode.BAD_REQUEST, "the request is malformed")
        : RefusedException.of(e);
  }

  private void answer(Request request, Reply reply) throws IOException {
    String path = Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
    ProtocolPath endpoint = ProtocolPath.of(path);
    request.setAttribute(AccessNotes.ENDPOINT, name(endpoint, path));
    if (path.equals(HEALTH)) {
      reply.body(200, "text/plain", "ok\n".getBytes(StandardCharsets.US_ASCII));
      return;
    }
    request.setAttribute(AccessNotes.USER, visitors.of(request));
    if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
      throw new RefusedException(
          ErrorCode.UNSUPPORTED, "this registry is read-only: publish with s3dock push");
    }
    if (path.equals(METRICS)) {
      Exposition text = parts.metrics().expose(header(request, HttpHeader.ACCEPT));
      reply.body(200, text.contentType(), text.bytes());
      return;
    }
    answer(endpoint, request, reply);
  }

  private static String name(ProtocolPath endpoint, String path) {
    return endpoint instanceof ProtocolPath.Unknown
        ? path.equals(HEALTH) || path.equals(METRICS) ? path.substring(1) : "none"
        : endpoint.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  private void answer(ProtocolPath endpoint, Request request, Reply reply) throws IOException {
    reply.with("Docker-Distribution-API-Version", "registry/2.0");
    switch (endpoint) {
      case ProtocolPath.Base _ ->
          reply.body(200, Reply.JSON, "{}".getBytes(StandardCharsets.US_ASCII));
      case ProtocolPath.Catalog _ -> lists.repositories(request, reply);
      case ProtocolPath.Tags of -> lists.tags(of.repository(), request, reply);
      case ProtocolPath.Manifest of -> manifest(of, request, reply);
      case ProtocolPath.Blob of -> blob(of, request, reply);
      case ProtocolPath.Referrers of -> referrers(of, request, reply);
      case ProtocolPath.Unknown _ ->
          throw new RefusedException(ErrorCode.NOT_FOUND, "this is no path of a registry's API");
    }
  }

  private void manifest(ProtocolPath.Manifest of, Request request, Reply reply) throws IOException {
    Repository repository = parts.repositories().named(of.repository());
    Document document = repository.manifest(of.reference(), header(request, HttpHeader.USER_AGENT));
    String digest = document.digest().toString();
    reply.with(DIGEST, digest).with(HttpHeader.ETAG, quoted(digest));
    reply.with(HttpHeader.VARY, "User-Agent");
    if (isKnown(request, digest)) {
      reply.empty(304);
      return;
    }
    reply.body(200, document.mediaType(), document.bytes());
  }

  private void referrers(ProtocolPath.Referrers of, Request request, Reply reply)
      throws IOException {
    Document index = parts.repositories().named(of.repository()).referrers(of.digest());
    if (Request.extractQueryParameters(request).get("artifactType") != null) {
      reply.with("OCI-Filters-Applied", "artifactType");
    }
    reply.body(200, index.mediaType(), index.bytes());
  }

  private void blob(ProtocolPath.Blob of, Request request, Reply reply) throws IOException {
    Repository repository = parts.repositories().named(of.repository());
    ServedBlob blob = repository.blob(of.digest());
    String digest = blob.digest().toString();
    reply.with(DIGEST, digest).with(HttpHeader.ETAG, quoted(digest));
    reply.with(HttpHeader.ACCEPT_RANGES, "bytes");
    if (isKnown(request, digest)) {
      reply.empty(304);
      return;
    }
    reply.with(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    if (reply.isHead()) {
      ServedBlob there = parts.blobs().isThere(blob) ? blob : repository.again(blob);
      reply.head(200, there.size());
      return;
    }
    switch (range(request, blob)) {
      case RequestedRange.Whole _ when blob.size() == 0 -> reply.head(200, 0);
      case RequestedRange.Whole _ ->
          send(repository, blob, new ByteRange(0, blob.size()), 200, reply);
      case RequestedRange.Part part -> {
        ByteRange range = part.range();
        reply.with(
            HttpHeader.CONTENT_RANGE,
            "bytes %d-%d/%d".formatted(range.offset(), range.end() - 1, blob.size()));
        send(repository, blob, range, 206, reply);
      }
      case RequestedRange.Unsatisfiable _ -> reply.unsatisfiable(blob.size());
    }
  }

  private void send(
      Repository repository, ServedBlob blob, ByteRange range, int status, Reply reply)
      throws IOException {
    parts.metrics().transferBegins();
    try (BlobContent content = parts.blobs().open(repository, blob, range)) {
      reply.body(status, content);
    } finally {
      parts.metrics().transferEnds();
    }
  }

  /** A range of another blob, which {@code If-Range} tells, is none. */
  private static RequestedRange range(Request request, ServedBlob blob) {
    String ifRange = header(request, HttpHeader.IF_RANGE);
    return ifRange.isEmpty() || ifRange.equals(quoted(blob.digest().toString()))
        ? RequestedRange.of(header(request, HttpHeader.RANGE), blob.size())
        : new RequestedRange.Whole();
  }

  private static boolean isKnown(Request request, String digest) {
    String known = header(request, HttpHeader.IF_NONE_MATCH);
    return known.equals("*") || known.contains(quoted(digest));
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static String header(Request request, HttpHeader name) {
    return Objects.requireNonNullElse(request.getHeaders().get(name), "");
  }
}
