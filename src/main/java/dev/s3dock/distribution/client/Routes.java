package dev.s3dock.distribution.client;

import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import dev.s3dock.pem.Pem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The ways to registries that speak TLS.
 *
 * @param proxy on the way to an address; empty for none
 * @param authorities folder with a folder for each registry, {@code host} or {@code host:port},
 *     whose files {@code *.crt} are trusted besides the runtime's own authorities (Docker's {@code
 *     /etc/docker/certs.d})
 */
public record Routes(Function<URI, Optional<URI>> proxy, Path authorities) {
  private static final String SUFFIX = ".crt";

  /**
   * TLS for this address.
   *
   * @throws DistributionException {@link DistributionException.Kind#UNAVAILABLE} if a file of its
   *     folder is no certificate or cannot be read
   */
  SSLContext tls(URI origin) {
    List<Certificate> own = new ArrayList<>();
    for (String name : List.of(origin.getHost() + ":" + origin.getPort(), origin.getHost())) {
      files(authorities.resolve(name)).forEach(file -> own.addAll(read(file)));
    }
    try {
      return own.isEmpty() ? SSLContext.getDefault() : trusting(own);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static List<Certificate> read(Path file) {
    try {
      return Pem.certificates(Files.readAllBytes(file));
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(file, e);
    }
  }

  private static DistributionException unusable(Path file, Exception e) {
    return new DistributionException(
        DistributionException.Kind.UNAVAILABLE,
        "cannot read the certificates in %s (%s); mend the file, or remove it"
            .formatted(Printable.of(file.toString()), FailureWords.of(e)),
        e);
  }

  private static SSLContext trusting(List<Certificate> own)
      throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (TrustManager usual : managers(null)) {
      if (usual instanceof X509TrustManager runtime) {
        for (X509Certificate authority : runtime.getAcceptedIssuers()) {
          trusted.setCertificateEntry("authority-" + trusted.size(), authority);
        }
      }
    }
    for (Certificate authority : own) {
      trusted.setCertificateEntry("authority-" + trusted.size(), authority);
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers(trusted), null);
    return context;
  }

  private static TrustManager[] managers(@Nullable KeyStore trusted)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    return factory.getTrustManagers();
  }
}
