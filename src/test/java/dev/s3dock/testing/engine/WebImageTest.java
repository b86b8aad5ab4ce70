package dev.s3dock.testing.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.engine.Container;
import dev.s3dock.engine.Container.Health;
import dev.s3dock.engine.Container.State;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Options;
import dev.s3dock.engine.Containers;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the app of examples/web does what its README says, in its image. */
@Tag("engine")
@Order(4)
class WebImageTest {
  private static final Map<String, String> LABELS = Map.of("dev.s3dock.test", "web");
  private static final Duration PATIENT = Duration.ofMinutes(1);

  private final HttpClient client = HttpClient.newHttpClient();

  /** Where it runs. */
  enum On {
    DOCKER_20,
    DOCKER_26;

    TestEngine engine() {
      return this == DOCKER_20 ? Engines.reachable20() : Engines.reachable26();
    }

    Containers containers() {
      return engine().engine().containers();
    }
  }

  @AfterEach
  void removeAll() {
    client.close();
    for (On on : On.values()) {
      on.containers().list(LABELS).forEach(container -> on.containers().remove(container.id()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void it_answers_with_version_and_instance(On on) throws Exception {
    Container container = start(on, Map.of("VERSION", "v1"));
    String body = "v1 " + container.id().substring(0, 12) + "\n";
    assertThat(get(container, "/up").body()).isEqualTo("up\n");
    assertThat(get(container, "/").body()).isEqualTo(body);
    assertThat(get(container, "/slow?ms=200").body()).isEqualTo(body);
    assertThat(get(container, "/no-such-page").statusCode()).isEqualTo(404);
    assertThat(get(container, "/ws").statusCode()).isEqualTo(426);
    assertThat(get(container, "/").headers().firstValue("Content-Length"))
        .contains(Integer.toString(body.length()));
  }

  @ParameterizedTest
  @EnumSource
  void one_connection_takes_several_requests_and_is_closed_where_asked(On on) throws Exception {
    Container container = start(on, Map.of("VERSION", "v1"));
    try (Socket socket = new Socket(address(container), WebImage.PORT)) {
      String first = "POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
      String second = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n";
      String last = "GET /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write((first + second + last).getBytes(UTF_8));
      var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).lines();
      assertThat(lines)
          .filteredOn(line -> line.startsWith("HTTP/1.1") || line.equals("up"))
          .containsExactly("HTTP/1.1 200 OK", "up", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "up");
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_it_has_begun_it_finishes_on_sigterm(On on) throws Exception {
    Container container = start(on, Map.of("VERSION", "v1"));
    get(container, "/"); // leaves an idle connection, which must not keep it alive
    HttpResponse<InputStream> slow =
        client.send(request(container, "/slow?ms=3000"), BodyHandlers.ofInputStream());
    on.containers().stop(container.id(), PATIENT);
    assertThat(new String(slow.body().readAllBytes(), UTF_8)).startsWith("v1 ");
    assertThat(on.containers().inspect(container.id()).orElseThrow().exitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void new_connections_are_refused_while_it_finishes(On on) throws Exception {
    Container container = start(on, Map.of("VERSION", "v1"));
    HttpResponse<InputStream> slow =
        client.send(request(container, "/slow?ms=6000"), BodyHandlers.ofInputStream());
    on.engine().docker("kill", "--signal", "TERM", container.id());
    Eventually.holds("it refuses", () -> refuses(container));
    assertThat(on.containers().inspect(container.id()).orElseThrow().isRunning()).isTrue();
    assertThat(new String(slow.body().readAllBytes(), UTF_8)).startsWith("v1 ");
    Eventually.holds(
        "it ends", () -> !on.containers().inspect(container.id()).orElseThrow().isRunning());
  }

  @ParameterizedTest
  @EnumSource
  void a_websocket_is_echoed_and_told_when_the_app_ends(On on) throws Exception {
    Container container = start(on, Map.of("VERSION", "v1"));
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://" + address(container) + ":" + WebImage.PORT + "/ws"),
                new Listener(heard))
            .get(1, TimeUnit.MINUTES);
    String large = "é".repeat(40_000);
    socket.sendText("hello", true).get(1, TimeUnit.MINUTES);
    assertThat(heard.poll(1, TimeUnit.MINUTES)).isEqualTo("hello");
    socket.sendText(large, false).get(1, TimeUnit.MINUTES);
    socket.sendText(".", true).get(1, TimeUnit.MINUTES);
    assertThat(heard.poll(1, TimeUnit.MINUTES)).isEqualTo(large + ".");
    socket.sendPing(ByteBuffer.wrap("p".getBytes(UTF_8))).get(1, TimeUnit.MINUTES);
    assertThat(heard.poll(1, TimeUnit.MINUTES)).isEqualTo("pong p");
    on.containers().stop(container.id(), PATIENT);
    assertThat(heard.poll(1, TimeUnit.MINUTES)).isEqualTo("close 1001");
    assertThat(on.containers().inspect(container.id()).orElseThrow().exitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void its_probe_says_whether_it_is_up_also_as_the_health_check_of_an_image(On on)
      throws Exception {
    String check =
        "HEALTHCHECK --interval=1s --timeout=10s --retries=100 CMD [%s]\n"
            .formatted("\"" + String.join("\", \"", WebImage.PROBE) + "\"");
    Map<String, String> settings = Map.of("VERSION", "v1", "START_DELAY_MS", "10000");
    WebImage.build(on.engine(), "web-probed:1", settings, check);
    Container container = run(on, "web-probed:1", Map.of());
    Eventually.holds("it listens", () -> !refuses(container));
    assertThat(get(container, "/up").statusCode()).isEqualTo(503);
    assertThat(probe(on, container).code()).isEqualTo(1);
    Eventually.holds(
        "it is healthy",
        () -> on.containers().inspect(container.id()).orElseThrow().health() == Health.HEALTHY);
    assertThat(probe(on, container).code()).isZero();
    assertThat(get(container, "/up").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void it_fails_as_it_is_told_to(On on) throws Exception {
    assertThat(ended(on, Map.of("EXIT_AT_ONCE", "3")).exitCode()).isEqualTo(3);
    assertThat(ended(on, Map.of("DIE_AFTER_MS", "200")).exitCode()).isEqualTo(42);
    Container never = start(on, Map.of("FAIL_UP", "1"));
    assertThat(get(never, "/up").statusCode()).isEqualTo(503);
    assertThat(get(never, "/").statusCode()).isEqualTo(503);
    Container later = start(on, Map.of("FAIL_UP_AFTER_MS", "3000"));
    Eventually.holds("it is not up any more", () -> status(later, "/up") == 503);
    Container deaf = start(on, Map.of("IGNORE_TERM", "1"));
    on.containers().stop(deaf.id(), Duration.ofSeconds(1));
    assertThat(on.containers().inspect(deaf.id()).orElseThrow().exitCode()).isEqualTo(137);
    WebImage.build(on.engine(), "web-elsewhere:1", Map.of("PORT", "9090", "VERSION", "v1"), "");
    Container elsewhere = run(on, "web-elsewhere:1", Map.of("VERSION", "v2"));
    URI page = URI.create("http://" + address(elsewhere) + ":9090/");
    Eventually.holds("it listens", () -> status(page) == 200);
    assertThat(refuses(elsewhere)).isTrue();
    assertThat(client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body())
        .startsWith("v2 ");
  }

  /** Passes on what it hears. */
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<String> heard;
    private final StringBuilder text = new StringBuilder();

    Listener(BlockingQueue<String> heard) {
      this.heard = heard;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        heard.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      heard.add("pong " + UTF_8.decode(message));
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      heard.add("close " + status);
      return null;
    }
  }

  /** A container with these variables, that listens. */
  private Container start(On on, Map<String, String> env) {
    WebImage.build(on.engine(), "web-tested:1", "v0");
    Container container = run(on, "web-tested:1", env);
    Eventually.holds("it listens", () -> !refuses(container));
    // and hears signals, which it does a moment later
    Eventually.holds(
        "it says so",
        () ->
            on.containers().logs(container.id(), 10).stream()
                .anyMatch(line -> line.contains("listens on port")));
    return container;
  }

  private Container ended(On on, Map<String, String> env) {
    WebImage.build(on.engine(), "web-tested:1", "v0");
    String id = run(on, "web-tested:1", env).id();
    return Eventually.value(
        "its end", () -> on.containers().inspect(id).filter(it -> it.state() == State.EXITED));
  }

  private static Container run(On on, String image, Map<String, String> env) {
    Options plain = Plain.options();
    Options options =
        new Options(
            env,
            List.of(),
            List.of(),
            List.of(),
            plain.memory(),
            plain.cpus(),
            plain.user(),
            plain.restart(),
            true,
            List.of("ALL"),
            plain.logDriver(),
            Map.of(),
            plain.stopSignal());
    String name = "web-" + Long.toHexString(System.nanoTime());
    String id =
        on.containers().create(new ContainerSpec(name, image, LABELS, options, Optional.empty()));
    on.containers().start(id);
    return on.containers().inspect(id).orElseThrow();
  }

  private static Containers.Exit probe(On on, Container container) {
    return on.containers().exec(container.id(), WebImage.PROBE, PATIENT).orElseThrow();
  }

  private static boolean refuses(Container container) {
    try (Socket socket = new Socket(address(container), WebImage.PORT)) {
      return !socket.isConnected();
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private int status(Container container, String path) {
    return status(request(container, path).uri());
  }

  private int status(URI page) {
    try {
      return client
          .send(HttpRequest.newBuilder(page).build(), BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> get(Container container, String path)
      throws IOException, InterruptedException {
    return client.send(request(container, path), BodyHandlers.ofString());
  }

  private static HttpRequest request(Container container, String path) {
    return HttpRequest.newBuilder(
            URI.create("http://" + address(container) + ":" + WebImage.PORT + path))
        .timeout(PATIENT)
        .build();
  }

  private static String address(Container container) {
    return container.addresses().getOrDefault("bridge", "nowhere");
  }
}
