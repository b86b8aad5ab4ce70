package dev.s3dock.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.LayerEntry;
import dev.s3dock.cli.User;
import dev.s3dock.distribution.server.ServedBucket;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies from a registry that says what is not true, or sends its clients elsewhere. */
class HostileRegistryTest {
  private static final String TARGET = "copied:20250722-1000-abcdef0";

  @TempDir static Path served;
  private static ServedBucket registry;

  @TempDir Path folder;
  private User user;
  private FaultProxy proxy;
  private String source;

  @BeforeAll
  static void start() throws IOException {
    registry = new ServedBucket(served).with(ServedBucket.FIRST, ImageSpec.small()).serve();
  }

  @AfterAll
  static void stop() throws IOException {
    registry.close();
  }

  @BeforeEach
  void stand() throws IOException {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    user.with("DOCKER_CONFIG", user.home().resolve(".docker").toString());
    proxy = FaultProxy.inFrontOf(registry.uri(""));
    source =
        "127.0.0.1:%d/my-app:%s".formatted(proxy.endpoint().getPort(), ServedBucket.FIRST.tag());
  }

  @AfterEach
  void leave() {
    proxy.close();
  }

  private static Predicate<Request> get(String part) {
    return request -> request.method().equals("GET") && request.target().contains(part);
  }

  private static LayerEntry layer() {
    return registry.index(ServedBucket.FIRST).layers().getFirst();
  }

  private static String blob() {
    return layer().blob().orElseThrow().toString();
  }

  private void fails(int exitCode, String message) {
    User.Result result = user.s3dock("copy", source, TARGET);
    assertThat(result.err()).contains(message).doesNotContain("Exception", "\tat ");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
    PlantedSecrets.requireAbsent("the message", result.err());
    assertThat(user.s3dock("list", "images", "copied").exitCode()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void a_layer_of_another_size_than_its_manifest_says_is_damage(int more) {
    String stated = "\"size\":%d".formatted(layer().length());
    String other = "\"size\":%d".formatted(layer().length() + more);
    assertThat(other).hasSameSizeAs(stated);
    AtomicReference<String> told = new AtomicReference<>(""); // also when asked for by its digest
    proxy.rewrite(
        get("/manifests/"),
        answer -> {
          told.compareAndSet("", answer.replace(stated, other));
          return told.get();
        });
    fails(5, "sends %d bytes for blob %s".formatted(layer().length(), blob()));
  }

  @Test
  void a_layer_that_is_announced_shorter_than_it_is_is_damage() {
    proxy.rewrite(
        get(blob()),
        answer ->
            answer.replaceFirst(
                "(?i)content-length: \\d+", "Content-Length: " + (layer().length() - 1)));
    fails(5, "sends %d bytes for blob %s".formatted(layer().length() - 1, blob()));
  }

  @Test
  void a_manifest_that_is_too_large_is_not_read_to_its_end() {
    proxy.spoil(
        1,
        get("/manifests/"),
        new Fault.Answer(
            200,
            Map.of("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
            " ".repeat(5 << 20)));
    fails(5, "of more than 4194304 bytes");
  }

  private void logIn() throws IOException {
    String pair = "anna:" + PlantedSecrets.REGISTRY_PASSWORD;
    Files.writeString(
        Files.createDirectories(user.home().resolve(".docker")).resolve("config.json"),
        "{\"auths\":{\"127.0.0.1:%d\":{\"auth\":\"%s\"}}}"
            .formatted(
                proxy.endpoint().getPort(),
                Base64.getEncoder().encodeToString(pair.getBytes(UTF_8))));
    proxy.spoil(
        Integer.MAX_VALUE,
        request -> !request.headers().containsKey("authorization"),
        new Fault.Answer(401, Map.of("WWW-Authenticate", "Basic realm=\"x\""), ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "ftp://192.0.2.1/x", "https://192.0.2.1:99999/x"})
  void a_redirect_to_what_is_no_web_server_is_named(String where) {
    proxy.spoil(
        Integer.MAX_VALUE,
        get("/v2/"),
        new Fault.Answer(302, Map.of("Location", where + "?secret"), ""));
    fails(1, "sends its clients to " + where + ", which");
  }

  /** As {@code serve} is. */
  @Test
  void a_registry_that_takes_no_pushes_is_told_in_its_own_words() {
    user.s3dock("copy", source, TARGET).ok();
    User.Result result = user.s3dock("copy", TARGET, source.replaceAll("my-app.*", "new:v1"));
    assertThat(result.err()).contains("/new", "HTTP 405", "this registry is read-only");
    assertThat(result.exitCode()).isEqualTo(1);
  }

  @Test
  void what_is_no_manifest_is_called_so() {
    proxy.spoil(Integer.MAX_VALUE, get("/manifests/"), new Fault.Answer(200, Map.of(), "{}"));
    fails(5, "is no manifest of an image");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ctrl_c_ends_a_copy_while_a_registry_says_nothing(boolean outward) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      silent.setSoTimeout((int) Duration.ofMinutes(2).toMillis());
      String there = "127.0.0.1:%d/x:y".formatted(silent.getLocalPort());
      if (outward) {
        user.s3dock("copy", source, TARGET).ok();
      }
      Path output = folder.resolve("output");
      Process copy =
          outward
              ? user.start(128, output, "copy", TARGET, there)
              : user.start(128, output, "copy", there, TARGET);
      try (Socket asked = silent.accept()) {
        assertThat(asked.getInputStream().read()).isPositive();
        new ProcessBuilder("kill", "-INT", "" + copy.pid()).start().waitFor();
        assertThat(copy.waitFor(5, TimeUnit.MINUTES)).isTrue();
      } finally {
        copy.destroyForcibly();
      }
      assertThat(copy.exitValue()).as(Files.readString(output)).isEqualTo(130);
      assertThat(Files.readString(output)).doesNotContain("before the cleanup was complete");
    }
  }

  @Test
  void a_password_does_not_go_where_a_redirect_leads() throws IOException {
    logIn();
    try (FaultProxy elsewhere = FaultProxy.inFrontOf(registry.uri(""))) {
      proxy.spoil(
          1,
          request -> request.target().contains(blob()),
          new Fault.Answer(
              307, Map.of("Location", elsewhere.endpoint() + ServedBucket.blobPath(blob())), ""));
      user.s3dock("copy", source, TARGET).ok();
      assertThat(proxy.requests())
          .anyMatch(request -> request.headers().containsKey("authorization"));
      assertThat(elsewhere.requests())
          .isNotEmpty()
          .noneMatch(request -> request.headers().containsKey("authorization"));
    }
  }

  @Test
  void a_redirect_to_where_others_read_along_is_not_followed() {
    String location = "http://192.0.2.1/x";
    proxy.spoil(1, get("/manifests/"), new Fault.Answer(307, Map.of("Location", location), ""));
    fails(1, "sends its clients to 192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer realm=\"https://192.0.2.1:99999/token\"",
        "Bearer realm=\"http://192.0.2.1/token\"",
        "Bearer realm=\"no address\"",
        "Bearer",
        "Negotiate",
        "",
      })
  void a_challenge_that_leads_nowhere_is_a_denial(String challenge) {
    proxy.spoil(
        Integer.MAX_VALUE,
        get("/v2/"),
        new Fault.Answer(401, Map.of("WWW-Authenticate", challenge), ""));
    fails(7, "");
    assertThat(proxy.requests()).hasSize(1);
  }

  @Test
  void a_token_that_no_header_can_carry_is_none() {
    proxy.spoil(
        1, get("/token"), new Fault.Answer(200, Map.of(), "{\"token\":\"a\\r\\nX-More: b\"}"));
    proxy.spoil(
        Integer.MAX_VALUE,
        get("/v2/"),
        new Fault.Answer(
            401,
            Map.of("WWW-Authenticate", "Bearer realm=\"%s/token\"".formatted(proxy.endpoint())),
            ""));
    fails(7, "denies access to my-app");
    assertThat(proxy.requests()).noneMatch(request -> request.headers().containsKey("x-more"));
  }
}
