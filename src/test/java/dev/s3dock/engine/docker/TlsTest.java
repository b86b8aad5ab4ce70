package dev.s3dock.engine.docker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides show a certificate, as `dockerd --tlsverify` wants it. */
class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path temp;
  private final HttpsServer server;

  TlsTest() throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  private void serverThatAsksForACertificate(String algorithm) throws Exception {
    KeyStore store = certificate("known", algorithm);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = context.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Api-Version", "1.30");
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void engine_is_reached_with_the_certificates_of_the_folder() throws Exception {
    serverThatAsksForACertificate("RSA");
    fails("known", "supports API 1.30"); // an answer, so the handshake worked
  }

  @Test
  void engine_with_another_certificate_is_not_trusted() throws Exception {
    serverThatAsksForACertificate("RSA");
    certificate("stranger", "RSA");
    fails("stranger", "cannot reach");
  }

  /** The forms of openssl before version 3, of whose keys many are in use. */
  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void key_may_be_in_the_older_form_of_its_algorithm(String algorithm) throws Exception {
    serverThatAsksForACertificate(algorithm);
    Path file = temp.resolve("known/key.pem");
    String pem = Files.readString(file).replaceAll("-----.*?-----|\\s", "");
    PrivateKeyInfo key = PrivateKeyInfo.getInstance(Base64.getDecoder().decode(pem));
    write(file, algorithm + " PRIVATE KEY", older(key));
    fails("known", "supports API 1.30");
  }

  /** openssl writes the curve into the key too. */
  private static byte[] older(PrivateKeyInfo key) throws IOException {
    if (!key.getPrivateKeyAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return key.parsePrivateKey().toASN1Primitive().getEncoded();
    }
    BigInteger secret = ECPrivateKey.getInstance(key.parsePrivateKey()).getKey();
    return new ECPrivateKey(384, secret, key.getPrivateKeyAlgorithm().getParameters()).getEncoded();
  }

  @Test
  void key_that_is_none_is_an_error_with_a_remedy() throws Exception {
    serverThatAsksForACertificate("RSA");
    Files.writeString(temp.resolve("known/key.pem"), "-----BEGIN X-----\n-----END X-----\n");
    fails("known", "no private key that can be read): check DOCKER_CERT_PATH");
  }

  private void fails(String certificates, String message) {
    Map<String, String> environment =
        Map.of(
            "DOCKER_HOST",
            "tcp://127.0.0.1:" + server.getAddress().getPort(),
            "DOCKER_TLS_VERIFY",
            "1",
            "DOCKER_CERT_PATH",
            temp.resolve(certificates).toString());
    assertThatThrownBy(() -> askFor(environment)).hasMessageContaining(message);
  }

  private static void askFor(Map<String, String> environment) {
    try (DockerEngine engine = DockerEngine.connect(environment, Duration.ofMinutes(1))) {
      engine.info();
    }
  }

  /** One self-signed certificate serves as authority, server and client. */
  private KeyStore certificate(String name, String algorithm)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path folder = Files.createDirectory(temp.resolve(name));
    Path file = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keyalg",
                algorithm,
                "-keysize",
                algorithm.equals("RSA") ? "2048" : "384",
                "-alias",
                "it",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-ext",
                "BC=ca:true",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (keytool.waitFor() != 0) {
      throw new AssertionError("keytool failed");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    write(folder.resolve("ca.pem"), "CERTIFICATE", store.getCertificate("it").getEncoded());
    write(folder.resolve("cert.pem"), "CERTIFICATE", store.getCertificate("it").getEncoded());
    write(folder.resolve("key.pem"), "PRIVATE KEY", store.getKey("it", PASSWORD).getEncoded());
    return store;
  }

  private static void write(Path file, String kind, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind));
  }
}
