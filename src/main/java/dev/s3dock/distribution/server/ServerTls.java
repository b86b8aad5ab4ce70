package dev.s3dock.distribution.server;

import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * A server's certificate and key, and whom it takes certificates from, out of PEM files (RFC 7468),
 * as web servers have them.
 *
 * @param certificates the server's own first, then those that lead to an authority
 * @param clientAuthorities whose certificates clients may show; empty if none is asked for
 */
public record ServerTls(
    List<Certificate> certificates, PrivateKey key, List<Certificate> clientAuthorities) {
  private static final char[] NO_PASSWORD = {};
  private static final byte[] TRIAL = {1};

  public ServerTls {
    certificates = List.copyOf(certificates);
    clientAuthorities = List.copyOf(clientAuthorities);
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
    ServerTls tls =
        new ServerTls(
            certificates(certificate),
            use(key, "a private key without a passphrase", ServerTls::privateKey),
            clientAuthorities.isPresent() ? certificates(clientAuthorities.get()) : List.of());
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
    return use(
        file,
        "a certificate",
        bytes -> {
          List<Certificate> found =
              List.copyOf(
                  CertificateFactory.getInstance("X.509")
                      .generateCertificates(new ByteArrayInputStream(bytes)));
          if (found.isEmpty()) {
            throw new GeneralSecurityException("no certificate");
          }
          return found;
        });
  }

  private static PrivateKey privateKey(byte[] bytes) throws IOException, GeneralSecurityException {
    try (PemReader reader =
        new PemReader(new StringReader(new String(bytes, StandardCharsets.ISO_8859_1)))) {
      for (PemObject object = reader.readPemObject();
          object != null;
          object = reader.readPemObject()) {
        byte[] content = object.getContent();
        switch (object.getType()) {
          case "PRIVATE KEY" -> {
            return pkcs8(PrivateKeyInfo.getInstance(content));
          }
          case "RSA PRIVATE KEY" -> {
            return pkcs8(
                new PrivateKeyInfo(
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                    RSAPrivateKey.getInstance(content)));
          }
          case "EC PRIVATE KEY" -> {
            ECPrivateKey key = ECPrivateKey.getInstance(content);
            return pkcs8(
                new PrivateKeyInfo(
                    new AlgorithmIdentifier(
                        X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()),
                    key));
          }
          default -> {} // such as EC PARAMETERS
        }
      }
    }
    throw new GeneralSecurityException("no private key");
  }

  private static PrivateKey pkcs8(PrivateKeyInfo info)
      throws IOException, GeneralSecurityException {
    ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    String name =
        algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
            ? "RSA"
            : algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : "EdDSA";
    return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
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
    factory.setKeyStore(
        store(
            keys ->
                keys.setKeyEntry(
                    "server", key, NO_PASSWORD, certificates.toArray(Certificate[]::new))));
    factory.setKeyStorePassword("");
    factory.setKeyManagerPassword("");
    factory.setSniRequired(false);
    if (asksClients()) {
      factory.setTrustStore(
          store(
              trusted -> {
                for (int i = 0; i < clientAuthorities.size(); i++) {
                  trusted.setCertificateEntry("authority-" + i, clientAuthorities.get(i));
                }
              }));
      factory.setNeedClientAuth(required);
      factory.setWantClientAuth(!required);
    }
    return factory;
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
