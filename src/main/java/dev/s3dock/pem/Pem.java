package dev.s3dock.pem;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
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

/** Reads files in PEM form. */
public final class Pem {
  private Pem() {}

  /**
   * Every certificate of a file, in its order.
   *
   * @throws GeneralSecurityException if there is none, or one cannot be read
   */
  public static List<Certificate> certificates(byte[] bytes) throws GeneralSecurityException {
    List<Certificate> found =
        List.copyOf(
            CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(bytes)));
    if (found.isEmpty()) {
      throw new GeneralSecurityException("no certificate");
    }
    return found;
  }

  /**
   * The private key of a file, without a passphrase, in any form in which openssl has written them:
   * PKCS #8, and the older ones of RSA and EC.
   *
   * @throws GeneralSecurityException if there is none that can be used
   * @throws IllegalArgumentException if it is malformed
   */
  public static PrivateKey privateKey(byte[] bytes) throws IOException, GeneralSecurityException {
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
}
