package dev.s3dock.engine.docker.api;

import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.ASN1Encodable;
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
    for (Certificate authority : read(folder.resolve("ca.pem"))) {
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
        read(folder.resolve("cert.pem")).toArray(Certificate[]::new));
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

  private static Collection<? extends Certificate> read(Path file)
      throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  /** The forms in which openssl has written keys: PKCS #8, and the older ones of RSA and EC. */
  private static PrivateKey key(Path file) throws GeneralSecurityException, IOException {
    try (Reader text = Files.newBufferedReader(file);
        PemReader pem = new PemReader(text)) {
      for (PemObject block = pem.readPemObject(); block != null; block = pem.readPemObject()) {
        byte[] content = block.getContent();
        switch (block.getType()) {
          case "PRIVATE KEY" -> {
            return key(PrivateKeyInfo.getInstance(content));
          }
          case "RSA PRIVATE KEY" -> {
            return key(
                info(
                    PKCSObjectIdentifiers.rsaEncryption,
                    DERNull.INSTANCE,
                    RSAPrivateKey.getInstance(content)));
          }
          case "EC PRIVATE KEY" -> {
            ECPrivateKey key = ECPrivateKey.getInstance(content);
            return key(info(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject(), key));
          }
          default -> {} // parameters, which the key has too
        }
      }
    }
    throw new IOException(file + " has no private key that can be read");
  }

  private static PrivateKeyInfo info(
      ASN1ObjectIdentifier algorithm, ASN1Encodable parameters, ASN1Encodable key)
      throws IOException {
    return new PrivateKeyInfo(new AlgorithmIdentifier(algorithm, parameters), key);
  }

  private static PrivateKey key(PrivateKeyInfo info) throws GeneralSecurityException, IOException {
    ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    String name =
        algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
            ? "RSA"
            : algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : "EdDSA";
    return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }
}
