package dev.s3dock.engine.docker.api;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.pem.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The folder with {@code ca.pem}, {@code cert.pem} and {@code key.pem} that docker uses for TLS.
 */
final class Certificates {
  private static final char[] PASSWORD = "of a store in memory".toCharArray();

  private Certificates() {}

  /**
   * TLS that trusts the authority alone and shows the certificate.
   *
   * @throws EngineException {@code UNAVAILABLE} if a file is missing or cannot be used
   */
  static SSLContext context(Path folder, DockerAddress address) {
    for (String file : List.of("ca.pem", "cert.pem", "key.pem")) {
      if (!Files.isReadable(folder.resolve(file))) {
        throw new EngineException(
            Kind.UNAVAILABLE,
            "cannot read the certificate %s: check DOCKER_CERT_PATH, or unset DOCKER_TLS_VERIFY"
                .formatted(folder.resolve(file)));
      }
    }
    try {
      return context(folder);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new EngineException(
          Kind.UNAVAILABLE,
          "cannot use the certificates for the engine at %s (%s): check DOCKER_CERT_PATH"
              .formatted(address, DockerErrors.rootMessage(e)),
          e);
    }
  }

  private static SSLContext context(Path folder) throws GeneralSecurityException, IOException {
    KeyStore trusted = empty();
    for (Certificate authority : Pem.certificates(bytes(folder, "ca.pem"))) {
      trusted.setCertificateEntry("ca " + trusted.size(), authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyStore own = empty();
    own.setKeyEntry(
        "docker",
        key(folder.resolve("key.pem")),
        PASSWORD,
        Pem.certificates(bytes(folder, "cert.pem")).toArray(Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, PASSWORD);
    return store;
  }

  /** The root of what went wrong is shown alone, so it names the file. */
  private static PrivateKey key(Path file) throws IOException {
    try {
      return Pem.privateKey(Files.readAllBytes(file));
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " has no private key that can be read");
    }
  }

  private static byte[] bytes(Path folder, String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }
}
