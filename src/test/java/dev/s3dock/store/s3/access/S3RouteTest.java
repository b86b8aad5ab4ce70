package dev.s3dock.store.s3.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.s3.ConditionalWrites;
import dev.s3dock.store.s3.S3ObjectStore;
import dev.s3dock.store.s3.S3Settings;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.store.S3Servers;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies and certificates on the way to a store. */
class S3RouteTest {
  private static final ObjectKey KEY = new ObjectKey("pointers/my-app/production.json");
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  private S3ObjectStore open(URI endpoint, String bucket, S3Route route) {
    return S3ObjectStore.open(
        new S3Settings(
            bucket,
            Optional.of(endpoint),
            Optional.of("us-east-1"),
            Optional.of(new Credentials("key", "s3cret", Optional.empty())),
            0,
            ConditionalWrites.REQUIRED,
            folder.resolve("probes"),
            route));
  }

  @Test
  void a_proxy_gets_the_requests_for_a_host_that_only_it_knows() throws Exception {
    String bucket = S3Servers.newBucket(S3Servers.s3Mock());
    try (FaultProxy proxy = FaultProxy.inFrontOf(S3Servers.s3Mock().endpoint());
        S3ObjectStore store =
            open(
                URI.create("http://store.invalid:9000"),
                bucket,
                new S3Route(Optional.of(proxy.endpoint()), Optional.empty()))) {
      store.put(KEY, "content".getBytes(UTF_8), Precondition.none());

      assertThat(store.get(KEY, 100).orElseThrow().content()).isEqualTo("content".getBytes(UTF_8));
      assertThat(proxy.requests())
          .isNotEmpty()
          .allSatisfy(it -> assertThat(it.target()).startsWith("http://store.invalid:9000/"));
    }
  }

  @Test
  void a_store_with_a_certificate_of_ones_own_authority_is_trusted() throws Exception {
    KeyStore keys = keys();
    Path authority = folder.resolve("ca.pem");
    Files.writeString(
        authority,
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(
                Base64.getMimeEncoder().encodeToString(keys.getCertificate("it").getEncoded())));
    HttpsServer server = server(keys);
    try {
      URI endpoint = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
      S3Route trusting = new S3Route(Optional.empty(), Optional.of(authority));
      try (S3ObjectStore store = open(endpoint, "bucket", trusting)) {
        store.put(KEY, new byte[] {1}, Precondition.none());
      }
      try (S3ObjectStore store = open(endpoint, "bucket", S3Route.DIRECT)) {
        assertThatThrownBy(() -> store.put(KEY, new byte[] {1}, Precondition.none()))
            .hasMessageContaining("no secure connection");
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void certificates_that_cannot_be_read_are_named() {
    S3Route route = new S3Route(Optional.empty(), Optional.of(folder.resolve("none.pem")));
    try (S3ObjectStore store = open(URI.create("https://127.0.0.1:1"), "bucket", route)) {
      assertThatThrownBy(() -> store.put(KEY, new byte[] {1}, Precondition.none()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("none.pem (AWS_CA_BUNDLE or ca_bundle)");
    }
  }

  private static HttpsServer server(KeyStore keys) throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("ETag", "\"1\"");
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private KeyStore keys() throws Exception {
    Path file = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "it",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    keytool.getInputStream().readAllBytes();
    assertThat(keytool.waitFor(1, TimeUnit.MINUTES)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(file.toFile())) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }
}
