package dev.s3dock.store.s3.access;

import dev.s3dock.pem.Pem;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * What lies between this machine and the store.
 *
 * @param proxy {@code http://[user:password@]host:port}
 * @param certificates file in PEM of the authorities to trust, instead of the runtime's own
 * @param addressing where the bucket stands in addresses
 */
public record S3Route(Optional<URI> proxy, Optional<Path> certificates, Addressing addressing) {
  /** With nothing in between. */
  public static final S3Route DIRECT = new S3Route(Optional.empty(), Optional.empty());

  private static final int HTTP_PORT = 80;

  /** Where the endpoint's form tells where the bucket stands. */
  public S3Route(Optional<URI> proxy, Optional<Path> certificates) {
    this(proxy, certificates, Addressing.AUTO);
  }

  /** Leads a client that is being built along this way. */
  public void apply(UrlConnectionHttpClient.Builder client) {
    ProxyConfiguration.Builder configuration =
        ProxyConfiguration.builder().useEnvironmentVariablesValues(false);
    proxy.ifPresent(url -> apply(url, configuration));
    client.proxyConfiguration(configuration.build());
    certificates.ifPresent(file -> client.tlsTrustManagersProvider(() -> trusting(file)));
  }

  private static void apply(URI url, ProxyConfiguration.Builder configuration) {
    int port = url.getPort() < 0 ? HTTP_PORT : url.getPort();
    configuration.endpoint(URI.create("http://" + url.getHost() + ":" + port));
    if (url.getUserInfo() != null) {
      String[] user = url.getUserInfo().split(":", 2);
      configuration.username(user[0]).password(user.length > 1 ? user[1] : "");
    }
  }

  private static TrustManager[] trusting(Path file) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate one : Pem.certificates(Files.readAllBytes(file))) {
        store.setCertificateEntry("authority " + ++number, one);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new StoreException(
          StoreException.Kind.FAILED,
          "the certificates in %s (AWS_CA_BUNDLE or ca_bundle) cannot be read: %s"
              .formatted(file, reason(e)),
          e);
    }
  }

  private static String reason(Exception failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "there is no such file";
      case AccessDeniedException _ -> "permission denied";
      default -> SdkWords.of(failure);
    };
  }

  /** Shows no password. */
  @Override
  public String toString() {
    return "S3Route[%s, %s, %s]".formatted(proxy.map(URI::getHost), certificates, addressing);
  }
}
