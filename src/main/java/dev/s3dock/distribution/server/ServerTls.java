package dev.s3dock.distribution.server;

import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import dev.s3dock.pem.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * A server's certificate and key, and whom it takes certificates from, out of PEM files (RFC 7468),
 * as web servers have them.
 *
 * @param certificates the server's own first, then those that lead to an authority
 * @param clientAuthorities whose certificates clients may show; empty if none is asked for
 * @param files what it was read from
 */
public record ServerTls(
    List<Certificate> certificates,
    PrivateKey key,
    List<Certificate> clientAuthorities,
    PemFiles files) {
  private static final char[] NO_PASSWORD = {};
  private static final byte[] TRIAL = {1};

  public ServerTls {
    certificates = List.copyOf(certificates);
    clientAuthorities = List.copyOf(clientAuthorities);
  }

  /** The files, which whoever renews a certificate writes anew. */
  public record PemFiles(Path certificate, Path key, Optional<Path> clientAuthorities) {
    private record State(FileTime modified, long size) {}

    /** What would be another if one of them were written anew. */
    Object state() throws IOException {
      List<State> states = new ArrayList<>();
      for (Path file :
          Stream.concat(Stream.of(certificate, key), clientAuthorities.stream()).toList()) {
        states.add(new State(Files.getLastModifiedTime(file), Files.size(file)));
      }
      return states;
    }
  }

  /** A file cannot be used. The message names it and the remedy. */
  public static final class UnusableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Reads the files.
   *
   * @throws UnusableException if one cannot be read or is none of its kind
   */
  public static ServerTls read(Path certificate, Path key, Optional<Path> clientAuthorities)
      throws UnusableException {
    return read(new PemFiles(certificate, key, clientAuthorities));
  }

  /** The same. */
  static ServerTls read(PemFiles files) throws UnusableException {
    Path certificate = files.certificate();
    Path key = files.key();
    ServerTls tls =
        new ServerTls(
            certificates(certificate),
            use(key, "a private key without a passphrase", Pem::privateKey),
            files.clientAuthorities().isPresent()
                ? certificates(files.clientAuthorities().get())
                : List.of(),
            files);
    requireTogether(tls, key, certificate);
    return tls;
  }

  private static void requireTogether(ServerTls tls, Path key, Path certificate)
      throws UnusableException {
    try {
      Signature signature = Signature.getInstance(signature(tls.key()));
      signature.initSign(tls.key());
      signature.update(TRIAL);
      byte[] signed = signature.sign();
      signature.initVerify(tls.certificates().getFirst());
      signature.update(TRIAL);
      if (signature.verify(signed)) {
        return;
      }
    } catch (GeneralSecurityException e) {
      // of another algorithm
    }
    throw new UnusableException(
        "%s is not the key of %s"
            .formatted(Printable.of(key.toString()), Printable.of(certificate.toString())));
  }

  private static String signature(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> "EdDSA";
    };
  }

  private interface Parse<T> {
    T of(byte[] bytes) throws IOException, GeneralSecurityException;
  }

  private static <T> T use(Path file, String what, Parse<T> parse) throws UnusableException {
    try {
      return parse.of(Files.readAllBytes(file));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnusableException(
          "%s is not %s in PEM form".formatted(Printable.of(file.toString()), what), e);
    } catch (IOException e) {
      throw new UnusableException(
          "cannot read %s: %s".formatted(Printable.of(file.toString()), FailureWords.of(e)), e);
    }
  }

  private static List<Certificate> certificates(Path file) throws UnusableException {
    return use(file, "a certificate", Pem::certificates);
  }

  /** True if clients may show certificates. */
  public boolean asksClients() {
    return !clientAuthorities.isEmpty();
  }

  /**
   * For Jetty.
   *
   * @param required whether a client without a certificate is refused
   */
  SslContextFactory.Server factory(boolean required) throws IOException {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    fill(factory);
    factory.setKeyStorePassword("");
    factory.setKeyManagerPassword("");
    factory.setSniRequired(false);
    if (asksClients()) {
      factory.setNeedClientAuth(required);
      factory.setWantClientAuth(!required);
    }
    return factory;
  }

  /** Hands over keys and authorities. */
  void fill(SslContextFactory factory) throws IOException {
    factory.setKeyStore(
        store(
            keys ->
                keys.setKeyEntry(
                    "server", key, NO_PASSWORD, certificates.toArray(Certificate[]::new))));
    if (asksClients()) {
      factory.setTrustStore(
          store(
              trusted -> {
                for (int i = 0; i < clientAuthorities.size(); i++) {
                  trusted.setCertificateEntry("authority-" + i, clientAuthorities.get(i));
                }
              }));
    }
  }

  private interface Fill {
    void into(KeyStore store) throws GeneralSecurityException;
  }

  private static KeyStore store(Fill fill) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      fill.into(store);
      return store;
    } catch (GeneralSecurityException e) {
      throw new UnusableException("the certificate or its key cannot be used", e);
    }
  }

  /** The name in a client's certificate. */
  static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }
}
