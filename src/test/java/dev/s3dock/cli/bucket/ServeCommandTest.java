package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.cli.User;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.TestCertificate;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeCommandTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final int CLIENTS = 64;
  private static final int LAYER = 16 << 20;

  @TempDir static Path shared;
  @TempDir Path folder;
  private User user;

  @BeforeEach
  void enter() {
    user = new User(folder).with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
  }

  private void publish(ImageSpec image) {
    Path tar = TestImages.dockerSave(folder.resolve("image.tar"), image, REF);
    user.s3dock("push", REF, "--from", tar.toString()).ok();
    user.s3dock("promote", REF, "production").ok();
  }

  private static ImageSpec large() {
    byte[] content = Noise.of(1, LAYER);
    return ImageSpec.small().withFile("large", content);
  }

  private static Path options() throws IOException, InterruptedException {
    if (!Files.exists(shared.resolve("users"))) {
      TestCertificate.make(shared, "s");
      Files.writeString(shared.resolve("users"), "a:$2y$04$" + "a".repeat(53));
    }
    return shared;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--listen 0.0.0.0:0 | add --tls-cert and --tls-key, or --insecure",
        "--listen [::]:0 | add --tls-cert and --tls-key, or --insecure",
        "--listen 0.0.0.0:0 --auth-file users | add --tls-cert and --tls-key, or --insecure",
        "--listen 0.0.0.0:0 --tls-cert s.crt --tls-key s.key | add --auth-file or --tls-client-ca",
        "--listen nonsense | --listen must be an address and a port",
        "--listen 127.0.0.1:65536 | --listen must be an address and a port",
        "--listen nothing.invalid:5000 | is no address of this machine",
        "--tls-cert s.crt | --tls-cert and --tls-key belong together",
        "--tls-key s.key | --tls-cert and --tls-key belong together",
        "--tls-client-ca s.crt | --tls-client-ca needs --tls-cert and --tls-key",
        "--auth-file absent | cannot read",
        "--auth-file s.key | htpasswd -B",
        "--tls-cert absent --tls-key s.key | there is no such file",
        "My-App | malformed app name",
        "--cache-size 1GiB | --cache-size needs --cache",
        "--cache c --cache-size 1GB | --cache-size must be a size such as 500MiB",
      })
  void what_would_open_the_bucket_to_others_or_means_nothing_is_refused(
      String options, String message) throws IOException, InterruptedException {
    user.in(options());
    List<String> command = new ArrayList<>(List.of("serve"));
    command.addAll(List.of(options.split(" ")));
    User.Result refused = user.s3dock(command.toArray(String[]::new));
    assertThat(refused.err()).contains(message);
    assertThat(refused.exitCode()).isEqualTo(2);
  }

  @Test
  void an_address_that_is_in_use_is_named() throws IOException {
    publish(ImageSpec.small());
    try (ServerSocket other = new ServerSocket(0)) {
      String address = "127.0.0.1:" + other.getLocalPort();
      User.Result failed = user.s3dock("serve", "--listen", address);
      assertThat(failed.exitCode()).isEqualTo(1);
      assertThat(failed.err()).contains("cannot listen on " + address);
    }
  }

  @Test
  void a_missing_bucket_is_told_before_anything_is_served() {
    User.Result failed = user.s3dock("serve", "--listen", "127.0.0.1:0");
    assertThat(failed.exitCode()).isEqualTo(7);
  }

  private static HttpResponse<byte[]> get(URI server, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(server.resolve(path)).build();
      return client.send(request, BodyHandlers.ofByteArray());
    }
  }

  private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
    return new ObjectMapper().readTree(answer.body());
  }

  @Test
  void it_serves_until_it_is_told_to_end_and_notes_each_request() throws Exception {
    publish(ImageSpec.small());
    String digest = user.s3dock("current", "my-app", "production", "--digest").ok().line();
    assertThat(digest).matches("my-app@sha256:[0-9a-f]{64}");
    JsonNode current =
        user.s3dock("current", "my-app", "production", "--digest", "--json").ok().json();
    assertThat("my-app@" + current.path("data").path("digest").asText()).isEqualTo(digest);
    try (ServeProcess server = ServeProcess.start(user, 128, folder)) {
      HttpResponse<byte[]> manifest = get(server.address(), "/v2/my-app/manifests/production");
      assertThat("my-app@" + Digest.of(manifest.body())).isEqualTo(digest);
      get(server.address(), "/v2/absent/tags/list");
      assertThat(server.stop()).isEqualTo(143);
      assertThat(server.output())
          .containsPattern("Z 127\\.0\\.0\\.1 - \"GET /v2/my-app/manifests/production\" 200 \\d+ ")
          .containsPattern("\"GET /v2/absent/tags/list\" 404 ")
          .doesNotContain("Exception", "WARN");
    }
  }

  @Test
  void with_json_each_request_is_an_object_and_the_address_is_in_the_envelope() throws Exception {
    publish(ImageSpec.small());
    Path output = folder.resolve("out");
    Process process = user.start(128, output, "serve", "--listen", "127.0.0.1:0", "--json");
    try {
      URI address = Eventually.value("the address", () -> address(process, output));
      get(address, "/v2/my-app/tags/list?n=1");
      Eventually.holds(
          "the line",
          () -> Files.readString(output).contains("\"target\":\"/v2/my-app/tags/list?n=1\""));
      process.destroy();
      process.waitFor();
      String line =
          Files.readAllLines(output).stream()
              .filter(it -> it.contains("\"target\""))
              .findFirst()
              .orElseThrow();
      JsonNode access = new ObjectMapper().readTree(line.substring(line.indexOf("{\"time\"")));
      assertThat(access.path("status").asInt()).isEqualTo(200);
      assertThat(access.path("whole").asBoolean()).isTrue();
      assertThat(Files.readString(output)).contains("\"success\": true");
    } finally {
      process.destroyForcibly();
    }
  }

  private static Optional<URI> address(Process process, Path output) throws IOException {
    String text = Files.readString(output);
    if (!process.isAlive()) {
      throw new AssertionError(text);
    }
    int at = text.indexOf("http://");
    int end = text.indexOf('"', Math.max(at, 0));
    return at < 0 || end < 0 ? Optional.empty() : Optional.of(URI.create(text.substring(at, end)));
  }

  @Test
  void sixty_four_pulls_at_once_fit_into_256_MiB_of_heap() throws Exception {
    publish(large());
    String cache = folder.resolve("cache").toString();
    try (ServeProcess server = ServeProcess.start(user, 256, folder, "--quiet", "--cache", cache);
        HttpClient client = HttpClient.newHttpClient();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      JsonNode manifest = json(get(server.address(), "/v2/my-app/manifests/production"));
      JsonNode config =
          json(
              get(
                  server.address(),
                  "/v2/my-app/blobs/" + manifest.path("config").path("digest").asText()));
      List<String> digests = new ArrayList<>();
      manifest.path("layers").forEach(layer -> digests.add(layer.path("digest").asText()));
      String raw = config.path("rootfs").path("diff_ids").path(2).asText();
      List<Future<?>> pulls = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        List<String> wanted = i % 4 == 0 ? List.of(raw) : digests; // some take it decompressed
        pulls.add(threads.submit(() -> pull(client, server.address(), wanted)));
      }
      for (Future<?> pull : pulls) {
        pull.get();
      }
      assertThat(server.stop()).isEqualTo(143);
      assertThat(server.output()).doesNotContain("OutOfMemory", "cut");
    }
  }

  private static Void pull(HttpClient client, URI server, List<String> digests) throws Exception {
    for (String digest : digests) {
      HttpRequest request =
          HttpRequest.newBuilder(server.resolve("/v2/my-app/blobs/" + digest)).build();
      MessageDigest sha256 = Digest.start();
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = client.send(request, BodyHandlers.ofInputStream()).body()) {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          sha256.update(buffer, 0, count);
        }
      }
      assertThat(Digest.of(sha256)).hasToString(digest);
    }
    return null;
  }
}
