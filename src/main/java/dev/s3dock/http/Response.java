package dev.s3dock.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/** What was answered. To close it before its body has ended drops the connection. */
public final class Response implements Closeable {
  private final HttpUriRequestBase request;
  private final ClassicHttpResponse response;
  private final InputStream body;

  Response(HttpUriRequestBase request, ClassicHttpResponse response) throws IOException {
    this.request = request;
    this.response = response;
    HttpEntity entity = response.getEntity();
    this.body = entity == null ? InputStream.nullInputStream() : entity.getContent();
  }

  public int status() {
    return response.getCode();
  }

  /** The first header of this name, in any case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
  }

  /** The first header of this name, or field after the body, once that has been read. */
  public Optional<String> headerOrTrailer(String name) {
    return header(name).or(() -> trailer(name));
  }

  private Optional<String> trailer(String name) {
    HttpEntity entity = response.getEntity();
    List<? extends Header> fields =
        entity == null || entity.getTrailers() == null ? List.of() : entity.getTrailers().get();
    return fields.stream()
        .filter(field -> field.getName().equalsIgnoreCase(name))
        .map(field -> String.valueOf(field.getValue()))
        .findFirst();
  }

  /** The body; empty if there is none. A connection that is lost before its end is an error. */
  public InputStream body() {
    return body;
  }

  /** Does not read what is left. */
  @Override
  public void close() throws IOException {
    request.cancel();
    if (response instanceof ModalCloseable closeable) {
      closeable.close(CloseMode.IMMEDIATE);
    } else {
      response.close();
    }
  }
}
