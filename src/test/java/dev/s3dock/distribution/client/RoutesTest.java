package dev.s3dock.distribution.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.distribution.server.ServedBucket;
import dev.s3dock.distribution.server.ServerTls;
import dev.s3dock.login.DockerLogins;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.TestCertificate;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry of a name that only a proxy knows, with a certificate of an authority of its own. */
class RoutesTest {
  private static final RegistryReference IMAGE =
      RegistryReference.parse("registry.example:5000/my-app:" + ServedBucket.FIRST.tag());

  @TempDir static Path folder;
  private static ServedBucket registry;
  private static TestCertificate certificate;

  @BeforeAll
  static void start() throws Exception {
    certificate = TestCertificate.make(folder, "registry");
    ServerTls tls = ServerTls.read(certificate.certificate(), certificate.key(), Optional.empty());
    registry =
        new ServedBucket(folder)
            .with(ServedBucket.FIRST, ImageSpec.small())
            .serve(it -> it, Optional.of(tls), Optional.empty());
  }

  @AfterAll
  static void stop() throws IOException {
    registry.close();
  }

  /** Tunnels everything to the registry, and notes what it is asked for. */
  private static final class Proxy implements AutoCloseable {
    final List<String> asked = new CopyOnWriteArrayList<>();
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final String answer;

    Proxy(String answer) throws IOException {
      this.answer = answer;
      Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
      return URI.create(
          "http://anna:%s@127.0.0.1:%d"
              .formatted(PlantedSecrets.REGISTRY_PASSWORD, socket.getLocalPort()));
    }

    private void accept() {
      try {
        while (true) {
          Socket client = socket.accept();
          Thread.ofVirtual().start(() -> tunnel(client));
        }
      } catch (IOException e) {
        // closed
      }
    }

    private void tunnel(Socket client) {
      try (client;
          Socket server = new Socket(InetAddress.getLoopbackAddress(), registry.port())) {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
          head.append((char) client.getInputStream().read());
        }
        asked.add(head.toString());
        client.getOutputStream().write(answer.getBytes(ISO_8859_1));
        Thread back = Thread.ofVirtual().start(() -> pipe(server, client));
        pipe(client, server);
        back.join();
      } catch (IOException | InterruptedException e) {
        // one of the two is gone
      }
    }

    private static void pipe(Socket from, Socket to) {
      try (InputStream in = from.getInputStream()) {
        in.transferTo(to.getOutputStream());
        to.shutdownOutput();
      } catch (IOException e) {
        // the same
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static Access access(Proxy proxy, Path authorities) {
    return new Access(
        new DockerLogins(folder, Map.of()),
        false,
        0,
        Duration.ofMinutes(1),
        time -> {},
        new Routes(address -> Optional.of(proxy.uri()), authorities));
  }

  private static Path trusting(String name) throws IOException {
    Path authorities = Files.createTempDirectory(folder, "certs.d");
    Files.copy(
        certificate.certificate(),
        Files.createDirectories(authorities.resolve(name)).resolve("ca.crt"));
    return authorities;
  }

  @Test
  void a_registry_is_reached_through_the_proxy_and_trusted_by_docker_s_own_folder()
      throws IOException {
    try (Proxy proxy = new Proxy("HTTP/1.1 200 Connection established\r\n\r\n")) {
      for (String name : List.of("registry.example:5000", "registry.example")) {
        try (OciRepository from = OciRepository.reading(IMAGE, access(proxy, trusting(name)))) {
          assertThat(from.manifest(IMAGE.wanted()).digest())
              .isEqualTo(registry.index(ServedBucket.FIRST).manifest().orElseThrow().digest());
        }
      }
      assertThat(proxy.asked)
          .hasSize(2)
          .allMatch(head -> head.startsWith("CONNECT registry.example:5000 HTTP/1.1\r\n"))
          .allMatch(head -> head.contains("Proxy-Authorization: Basic "));
    }
  }

  private static void fails(Proxy proxy, Path authorities, String message) throws IOException {
    try (OciRepository from = OciRepository.reading(IMAGE, access(proxy, authorities))) {
      assertThatThrownBy(() -> from.manifest(IMAGE.wanted()))
          .isInstanceOf(DistributionException.class)
          .hasMessageContaining(message)
          .message()
          .doesNotContain(PlantedSecrets.REGISTRY_PASSWORD);
    }
  }

  @Test
  void a_proxy_that_refuses_and_a_certificate_that_nobody_vouches_for_are_told()
      throws IOException {
    try (Proxy proxy = new Proxy("HTTP/1.1 200 OK\r\n\r\n")) {
      fails(proxy, folder.resolve("absent"), "cannot reach registry.example:5000 for my-app");
      fails(proxy, trusting("other.example"), "cannot reach registry.example:5000 for my-app");
      Path damaged = trusting("registry.example");
      Files.writeString(damaged.resolve("registry.example/ca.crt"), "no certificate");
      fails(proxy, damaged, "cannot read the certificates in ");
    }
    try (Proxy proxy = new Proxy("HTTP/1.1 407 no\r\n\r\n")) {
      fails(proxy, trusting("registry.example"), "the proxy 127.0.0.1 refuses the way to");
    }
    try (Proxy proxy = new Proxy("SSH-2.0-x\r\n\r\n")) {
      fails(proxy, trusting("registry.example"), "does not speak HTTP");
    }
  }
}
