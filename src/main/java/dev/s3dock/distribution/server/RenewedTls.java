package dev.s3dock.distribution.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS with the certificate that its files hold now: each new connection looks whether they were
 * written anew. Files that cannot be used, as in the midst of a renewal, leave the certificate as
 * it is.
 */
final class RenewedTls extends SslConnectionFactory {
  private final ServerTls.PemFiles files;
  private final SslContextFactory.Server factory;
  private Object seen;

  /**
   * Begins with what was read.
   *
   * @param required whether a client without a certificate is refused
   * @param next protocol inside TLS
   */
  static RenewedTls of(ServerTls tls, boolean required, String next) throws IOException {
    return new RenewedTls(tls.files(), tls.factory(required), next);
  }

  private RenewedTls(ServerTls.PemFiles files, SslContextFactory.Server factory, String next)
      throws IOException {
    super(factory, next);
    this.files = files;
    this.factory = factory;
    this.seen = files.state();
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    renew();
    return super.newConnection(connector, endPoint);
  }

  private synchronized void renew() {
    try {
      Object now = files.state();
      if (!now.equals(seen)) {
        ServerTls tls = ServerTls.read(files);
        factory.reload(
            it -> {
              try {
                tls.fill(it);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
        seen = now;
      }
    } catch (Exception e) {
      // the next connection looks again
    }
  }
}
