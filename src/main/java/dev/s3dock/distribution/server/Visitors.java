package dev.s3dock.distribution.server;

import dev.s3dock.distribution.ErrorCode;
import dev.s3dock.distribution.RefusedException;
import java.io.InterruptedIOException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/** Who may ask: users with a password, clients with a certificate, or all. */
final class Visitors {
  private final Optional<Htpasswd> users;
  private final boolean certificates;

  Visitors(ServerSettings settings) {
    this.users = settings.users();
    this.certificates = settings.tls().filter(ServerTls::asksClients).isPresent();
  }

  /**
   * Who asks; empty if all may.
   *
   * @throws RefusedException {@link ErrorCode#UNAUTHORIZED}
   */
  String of(Request request) throws InterruptedIOException {
    if (users.isEmpty() && !certificates) {
      return "";
    }
    Optional<String> certified = certificates ? certificate(request) : Optional.empty();
    if (certified.isPresent()) {
      return certified.get();
    }
    String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    return user(authorization == null ? "" : authorization)
        .orElseThrow(
            () ->
                new RefusedException(
                    ErrorCode.UNAUTHORIZED,
                    authorization == null ? "log in first" : "wrong user or password"));
  }

  private Optional<String> user(String authorization) throws InterruptedIOException {
    try {
      return users.isPresent() ? users.get().user(authorization) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static Optional<String> certificate(Request request) {
    return request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE)
                instanceof EndPoint.SslSessionData session
            && session.peerCertificates() != null
            && session.peerCertificates().length > 0
        ? Optional.of(name(session.peerCertificates()))
        : Optional.empty();
  }

  private static String name(X509Certificate[] chain) {
    return ServerTls.name(chain[0]);
  }
}
