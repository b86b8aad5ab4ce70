package dev.s3dock.engine.docker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.sun.net.httpserver.HttpServer;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.DockerEngine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class UnavailableEngineTest {
  /** For engines that never answer; one that does may be slow on a busy machine. */
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final Duration PATIENT = Duration.ofMinutes(1);

  @TempDir Path temp;

  @Test
  void absent_socket_is_named_with_what_to_do() {
    infoFails("unix://" + temp + "/none.sock", Kind.UNAVAILABLE)
        .hasMessageContaining(temp + "/none.sock")
        .hasMessageContaining("start it")
        .hasMessageContaining("DOCKER_HOST")
        .hasMessageContaining("--from");
  }

  @Test
  void dead_socket_is_unavailable() throws IOException {
    Path socket = temp.resolve("dead.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    infoFails("unix://" + socket, Kind.UNAVAILABLE).hasMessageContaining("refused");
  }

  @Test
  void closed_port_is_unavailable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    infoFails("tcp://127.0.0.1:" + port, Kind.UNAVAILABLE)
        .hasMessageContaining("127.0.0.1:" + port);
  }

  @Test
  void engine_that_never_answers_is_given_up_after_the_timeout() throws IOException {
    Path socket = temp.resolve("silent.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      silentFails("unix://" + socket).hasMessageContaining("did not answer within 1 s");
    }
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      silentFails("tcp://127.0.0.1:" + server.getLocalPort())
          .hasMessageContaining("did not answer");
    }
  }

  @Test
  void no_container_is_waited_for_in_a_silent_engine_however_long_the_work_may_take()
      throws IOException {
    Path socket = temp.resolve("silent.sock");
    Duration hours = Duration.ofHours(9);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        DockerEngine engine = connect("unix://" + socket, SHORT)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Containers containers = engine.containers();
      assertThatThrownBy(() -> containers.stop("slow", hours)).hasMessageContaining("within 1 s");
      assertThatThrownBy(() -> containers.exec("slow", List.of("true"), hours))
          .hasMessageContaining("within 1 s");
      assertThatThrownBy(() -> containers.remove("slow")).hasMessageContaining("within 1 s");
    }
  }

  @Test
  void load_into_a_silent_engine_does_not_wait_forever_either() throws IOException {
    Path socket = temp.resolve("silent.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        DockerEngine engine = connect("unix://" + socket, SHORT)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      assertThatThrownBy(() -> engine.load(new ByteArrayInputStream(new byte[10])))
          .hasMessageContaining("did not answer");
    }
  }

  @Test
  void permission_denied_says_so() {
    EngineException e =
        DockerErrors.connection(
            new RuntimeException(new SocketException("Permission denied")),
            new DockerAddress(DockerAddress.DEFAULT_HOST, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(e).hasMessageContaining("no permission").hasMessageContaining("usermod -aG docker");
  }

  @Test
  void full_disk_is_told_from_other_trouble() {
    EngineException e =
        DockerErrors.ofMessage(Kind.LOAD_REFUSED, "x", "write /layer.tar: no space left on device");
    assertThat(e.kind()).isEqualTo(Kind.NO_SPACE);
    assertThat(e).hasMessageContaining("docker image prune");
  }

  @ParameterizedTest
  @CsvSource({
    "1.40, TOO_OLD, 20.10",
    "0.99, TOO_OLD, 20.10",
    "'', UNAVAILABLE, not a Docker engine",
    "nonsense, UNAVAILABLE, not a Docker engine"
  })
  void engine_must_speak_the_api(String offered, Kind kind, String text) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Api-Version", offered);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      infoFails("tcp://127.0.0.1:" + server.getAddress().getPort(), kind)
          .hasMessageContaining(text);
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"1.41, 1.41", "1.45, 1.45", "1.47, 1.47", "1.52, 1.47", "2.0, 1.47"})
  void newest_common_version_is_spoken(String offered, String spoken) {
    assertThat(
            ApiVersion.negotiate(
                offered, new DockerAddress(DockerAddress.DEFAULT_HOST, Optional.empty())))
        .hasToString(spoken);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ssh://host", "tcp://", "/var/run/docker.sock", "tcp://:2375", "ftp://x"})
  void address_of_an_unknown_kind_is_refused(String host) {
    assertThatThrownBy(() -> connect(host).close())
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(host)
        .hasMessageContaining("unix:///");
  }

  @Test
  void missing_certificates_are_named() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("certificates"));
    Map<String, String> environment =
        Map.of(
            "DOCKER_HOST", "tcp://127.0.0.1:1",
            "DOCKER_TLS_VERIFY", "1",
            "DOCKER_CERT_PATH", folder.toString());
    assertThatThrownBy(() -> DockerEngine.connect(environment, SHORT).close())
        .isInstanceOf(EngineException.class)
        .hasMessageContaining(folder.resolve("ca.pem").toString());
  }

  private static AbstractThrowableAssert<?, EngineException> infoFails(String host, Kind kind) {
    return infoFails(host, PATIENT, kind);
  }

  private static AbstractThrowableAssert<?, EngineException> silentFails(String host) {
    return infoFails(host, SHORT, Kind.UNAVAILABLE);
  }

  private static AbstractThrowableAssert<?, EngineException> infoFails(
      String host, Duration timeout, Kind kind) {
    try (DockerEngine engine = connect(host, timeout)) {
      return assertThatThrownBy(engine::info)
          .asInstanceOf(type(EngineException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
          .asInstanceOf(
              org.assertj.core.api.InstanceOfAssertFactories.throwable(EngineException.class));
    }
  }

  private static DockerEngine connect(String host) {
    return connect(host, PATIENT);
  }

  private static DockerEngine connect(String host, Duration timeout) {
    return DockerEngine.connect(Map.of("DOCKER_HOST", host, "HOME", "/nonexistent"), timeout);
  }
}
