package dev.s3dock.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.apache.hc.client5.http.impl.io.DefaultManagedHttpClientConnection;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.MonitoringResponseOutOfOrderStrategy;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.ResponseOutOfOrderStrategy;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/**
 * A connection that hears an answer which comes before the request's end.
 *
 * <p>The library looks for one between two writes, but then sends what is left in its buffer; and
 * it does not read any more once a write has failed. A server that has answered and closed is met
 * in both ways: its answer has arrived, and waits to be read.
 */
final class EarlyAnswerConnection extends DefaultManagedHttpClientConnection {
  private final Sending sending;
  private @Nullable IOException broken;

  private EarlyAnswerConnection(Sending sending) {
    super("s3dock", null, null, null, null, null, sending, null, null);
    this.sending = sending;
  }

  /**
   * Makes a connection.
   *
   * @param socket connected; null if it comes later
   */
  static ManagedHttpClientConnection create(@Nullable Socket socket) throws IOException {
    EarlyAnswerConnection connection = new EarlyAnswerConnection(new Sending());
    if (socket != null) {
      connection.bind(socket);
    }
    return connection;
  }

  @Override
  public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
    broken = null;
    sending.stopped = false;
    super.sendRequestHeader(request);
  }

  @Override
  public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
    HttpEntity body = request.getEntity();
    if (body != null) {
      request.setEntity(new Stopping(body, sending));
    }
    try {
      super.sendRequestEntity(request);
    } catch (UploadEntity.Unreadable e) {
      throw e;
    } catch (IOException e) {
      broken = e;
      sending.stopped = true;
    }
  }

  @Override
  public void flush() throws IOException {
    if (sending.stopped) {
      return;
    }
    try {
      super.flush();
    } catch (IOException e) {
      broken = e;
      sending.stopped = true;
    }
  }

  @Override
  public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
    try {
      return super.receiveResponseHeader();
    } catch (IOException e) {
      IOException before = broken;
      if (before == null) {
        throw e;
      }
      before.addSuppressed(e);
      throw before;
    }
  }

  /** A connection on which half a request was sent is of no further use. */
  @Override
  public boolean isConsistent() {
    return !sending.stopped && super.isConsistent();
  }

  /** Whether the rest of the request is held back; then every write is refused by the library. */
  private static final class Sending implements ResponseOutOfOrderStrategy {
    private static final ResponseOutOfOrderStrategy MONITOR =
        new MonitoringResponseOutOfOrderStrategy(UploadEntity.BLOCK);

    private boolean stopped;

    @Override
    public boolean isEarlyResponseDetected(
        ClassicHttpRequest request,
        HttpClientConnection connection,
        InputStream answer,
        long sent,
        long next)
        throws IOException {
      stopped = stopped || MONITOR.isEarlyResponseDetected(request, connection, answer, sent, next);
      return stopped;
    }
  }

  /**
   * The library ends a body properly even where it could not be read, so that half of it would pass
   * for all.
   */
  private static final class Stopping extends HttpEntityWrapper {
    private final Sending sending;

    Stopping(HttpEntity body, Sending sending) {
      super(body);
      this.sending = sending;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      boolean whole = false;
      try {
        super.writeTo(out);
        whole = true;
      } finally {
        sending.stopped |= !whole;
      }
    }
  }
}
