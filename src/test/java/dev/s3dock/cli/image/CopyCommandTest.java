package dev.s3dock.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.DebianRegistry;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.RegistryPrograms;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies between a bucket and a real registry, with a proxy in front of it for faults. */
@Tag("registry")
class CopyCommandTest {
  private static final String TAG = "20250721-2118-f7a5a27";
  private static final String NEXT_TAG = "20250722-1000-abcdef0";
  private static final String REF = "my-app:" + TAG;
  private static final String NEXT = "my-app:" + NEXT_TAG;
  private static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";

  @TempDir static Path registryFolder;
  private static DebianRegistry registry;

  @TempDir Path folder;
  private User user;
  private FaultProxy proxy;
  private String repository;

  @BeforeAll
  static void start() {
    registry = DebianRegistry.open(registryFolder);
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @BeforeEach
  void stand() throws IOException {
    user = new User(folder);
    user.with("S3DOCK_BUCKET", bucket("store"));
    user.with("DOCKER_CONFIG", user.home().resolve(".docker").toString());
    proxy = FaultProxy.inFrontOf(registry.endpoint());
    String path = "team/r" + Integer.toHexString(folder.toString().hashCode());
    repository = "127.0.0.1:%d/%s".formatted(proxy.endpoint().getPort(), path);
  }

  @AfterEach
  void leave() {
    proxy.close();
  }

  private String bucket(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private Path file(String key) {
    return folder.resolve("store").resolve(key);
  }

  private static ImageSpec image(String page) {
    byte[] base = Noise.of(1, 300_000);
    return ImageSpec.small().withFile("base", base).withFile("page", page);
  }

  private void push(String reference, ImageSpec image) {
    Path saved = TestImages.dockerSave(folder.resolve("saved.tar"), image, reference);
    user.s3dock("push", reference, "--from", saved.toString()).ok();
  }

  private JsonNode copy(String from, String to) {
    return user.s3dock("copy", from, to, "--json").ok().json().path("data");
  }

  private void fails(int exitCode, String message, String... arguments) {
    User.Result result = user.s3dock(arguments);
    assertThat(result.err()).contains(message);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
    PlantedSecrets.requireAbsent("the message", result.err());
  }

  private JsonNode metadata(String stem) throws IOException {
    return new ObjectMapper().readTree(Files.readString(file(stem + ".json")));
  }

  private static Predicate<Request> to(String method, String part) {
    return request -> request.method().equals(method) && request.target().contains(part);
  }

  private long sent(String method, String part) {
    return proxy.requests().stream().filter(to(method, part)).count();
  }

  @Test
  void an_image_goes_out_as_it_is_and_comes_back_as_the_same() throws IOException {
    push(REF, image("one"));
    JsonNode out = copy(REF, repository + ":v1");
    assertThat(out.path("target").asText()).isEqualTo(repository + ":v1");
    assertThat(out.path("digest").asText())
        .isEqualTo(metadata(STEM).path("archive").path("manifest").path("digest").asText());
    for (JsonNode layer : metadata(STEM).path("archive").path("layers")) {
      String blob = layer.path("blob").path("digest").asText();
      try (InputStream in =
          URI.create("http://%s/blobs/%s".formatted(repository.replaceFirst("/", "/v2/"), blob))
              .toURL()
              .openStream()) {
        assertThat(Digest.of(in.readAllBytes())).hasToString(blob);
      }
    }

    user.with("S3DOCK_BUCKET", bucket("other"));
    JsonNode in = copy(repository + ":v1", REF);
    assertThat(in.path("images").path(0).path("skipped").asBoolean()).isFalse();
    assertThat(folder.resolve("other").resolve(STEM + ".tar.gz"))
        .hasSameBinaryContentAs(file(STEM + ".tar.gz"));
    user.s3dock("verify", REF, "--deep").ok();
  }

  @Test
  void what_the_registry_has_is_not_sent_again() {
    push(REF, image("one"));
    push(NEXT, image("two"));
    copy(REF, repository);
    assertThat(copy(REF, repository).path("skipped").asBoolean()).isTrue();
    long puts = sent("PUT", "/blobs/");
    JsonNode next = copy(NEXT, repository);
    assertThat(next.path("bytes_saved").asLong()).isGreaterThan(300_000);
    assertThat(next.path("bytes_sent").asLong()).isLessThan(10_000);
    assertThat(sent("PUT", "/blobs/") - puts).as("a layer and the config").isEqualTo(2);
    assertThat(user.s3dock("copy", NEXT, repository).ok().line())
        .isEqualTo("%s is already in %s:%s".formatted(NEXT, repository, NEXT_TAG));
  }

  @Test
  void the_manifest_is_sent_last() {
    push(REF, image("one"));
    copy(REF, repository);
    List<Request> requests = proxy.requests();
    assertThat(requests.getLast()).matches(to("PUT", "/manifests/"));
    assertThat(requests).filteredOn(to("PUT", "/manifests/")).hasSize(1);
  }

  @Test
  void platforms_become_an_index_and_archives_again() {
    push(REF, image("one"));
    push(REF, image("one").withPlatform("linux/arm64"));
    assertThat(copy(REF, repository + ":all").path("platforms").asInt()).isEqualTo(2);
    assertThat(copy(REF, repository + ":all").path("skipped").asBoolean()).isTrue();

    user.with("S3DOCK_BUCKET", bucket("other"));
    assertThat(copy(repository + ":all", REF).path("images")).hasSize(2);
    Path other = folder.resolve("other");
    assertThat(other.resolve(STEM + ".tar.gz")).hasSameBinaryContentAs(file(STEM + ".tar.gz"));
    assertThat(other.resolve(STEM + ".linux-arm64.tar.gz"))
        .hasSameBinaryContentAs(file(STEM + ".linux-arm64.tar.gz"));
    long blobs = sent("GET", "/blobs/");
    assertThat(user.s3dock("copy", repository + ":all", REF).ok().out())
        .contains("is already published in", "nothing to download");
    assertThat(sent("GET", "/blobs/")).isEqualTo(blobs);

    user.with("S3DOCK_BUCKET", bucket("third"));
    user.s3dock("copy", repository + ":all", REF, "--platform", "linux/arm64").ok();
    assertThat(user.s3dock("inspect", REF).ok().out()).contains("linux/arm64");
    fails(
        3,
        "holds no image for linux/s390x, only: linux/amd64, linux/arm64",
        "copy",
        repository + ":all",
        NEXT,
        "--platform",
        "linux/s390x");
  }

  @Test
  void crane_and_umoci_read_what_was_copied() {
    push(REF, image("one"));
    push(REF, image("two").withPlatform("linux/arm64"));
    String digest = copy(REF, repository + ":all").path("digest").asText();
    RegistryPrograms programs = new RegistryPrograms(folder.resolve("clients"));
    String image = registry.name() + repository.substring(repository.indexOf('/')) + ":all";
    assertThat(programs.run("forky", "crane", "digest", image).ok().strip()).isEqualTo(digest);
    assertThat(programs.run("forky", "crane", "validate", "--remote", image).ok())
        .contains("PASS: " + image);
    for (String architecture : List.of("amd64", "arm64")) {
      Path layout = folder.resolve(architecture);
      programs
          .run(
              "forky",
              "skopeo",
              "copy",
              "--override-arch=" + architecture,
              "--src-tls-verify=false",
              "docker://" + image,
              "oci:" + layout + ":x")
          .ok();
      String unpacked = layout + "-unpacked";
      programs.run("forky", "umoci", "unpack", "--image", layout + ":x", unpacked).ok();
      assertThat(Path.of(unpacked, "rootfs", "page"))
          .hasContent(architecture.equals("amd64") ? "one" : "two");
    }
  }

  @Test
  void an_archive_that_does_not_tell_its_blobs_is_read_for_them() throws IOException {
    push(REF, image("one"));
    String digest = metadata(STEM).path("archive").path("manifest").path("digest").asText();
    String text = Files.readString(file(STEM + ".json"));
    String older =
        text.replaceAll("(?s),\\s*\"config\"\\s*:\\s*\"(?:\\\\.|[^\"\\\\])*+\"", "")
            .replaceAll("(?s),\\s*\"blob\"\\s*:\\s*\\{[^}]*}", "")
            .replaceAll("(?s),\\s*\"manifest\"\\s*:\\s*\\{[^}]*}", "");
    assertThat(older).doesNotContain("\"blob\"").doesNotContain("\"manifest\"");
    Files.writeString(file(STEM + ".json"), older);
    assertThat(copy(REF, repository + ":older").path("digest").asText()).isEqualTo(digest);
    ObjectNode found = (ObjectNode) metadata(STEM);
    ObjectNode pushed = (ObjectNode) new ObjectMapper().readTree(text);
    assertThat(found.remove("write_id")).isNotEqualTo(pushed.remove("write_id"));
    assertThat(found).as("kept as a push would have written it").isEqualTo(pushed);
    assertThat(file("manifests/my-app/%s.json".formatted(digest.substring(7)))).exists();
    user.s3dock("verify", REF, "--deep").ok();
  }

  @Test
  void a_zstd_archive_goes_out_as_zstd() throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{docker: {compression: 'zstd'}}");
    push(REF, image("one"));
    copy(REF, repository + ":z");
    URLConnection asked =
        URI.create("http://%s/manifests/z".formatted(repository.replaceFirst("/", "/v2/")))
            .toURL()
            .openConnection();
    asked.setRequestProperty("Accept", "application/vnd.oci.image.manifest.v1+json");
    try (InputStream in = asked.getInputStream()) {
      assertThat(new String(in.readAllBytes(), UTF_8))
          .contains("application/vnd.oci.image.layer.v1.tar+zstd");
    }
    user.with("S3DOCK_BUCKET", bucket("other"));
    copy(repository + ":z", REF);
    user.s3dock("verify", REF, "--deep").ok();
  }

  @Test
  void what_is_not_there_is_named() {
    push(REF, image("one"));
    fails(3, repository + " has no manifest v9 (HTTP 404", "copy", repository + ":v9", NEXT);
    fails(3, "is not published", "copy", NEXT, repository);
    fails(2, "one of the two must be an image in a registry", "copy", REF, NEXT);
    fails(2, "one of the two must be", "copy", repository, repository);
    fails(2, "is no image in a registry", "copy", "localhost:1/UPPER:v1", REF);
    fails(7, "cannot reach 127.0.0.1:1 for x", "copy", "127.0.0.1:1/x:v1", REF);
  }

  @Test
  void who_may_not_is_told_where_to_log_in() {
    push(REF, image("one"));
    proxy.spoil(
        1,
        to("POST", "/blobs/uploads/"),
        new Fault.Answer(403, Map.of(), "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"}]}"));
    fails(
        7,
        "denies access to %s (HTTP 403, DENIED no); log in with an account that may do that: docker login 127.0.0.1"
            .formatted(repository.substring(repository.indexOf('/') + 1)),
        "copy",
        REF,
        repository);
  }

  @Test
  void a_password_of_docker_login_is_used() throws IOException {
    push(REF, image("one"));
    try (DebianRegistry closed = DebianRegistry.withPassword(folder.resolve("closed"))) {
      fails(7, "denies access to app (HTTP 401", "copy", REF, closed.name() + "/app");
      String pair = DebianRegistry.USER + ":" + PlantedSecrets.REGISTRY_PASSWORD;
      Files.writeString(
          user.home().resolve(".docker/config.json"),
          "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}"
              .formatted(closed.name(), Base64.getEncoder().encodeToString(pair.getBytes(UTF_8))));
      copy(REF, closed.name() + "/app");
      copy(closed.name() + "/app:" + TAG, NEXT);
      Files.writeString(
          user.home().resolve(".docker/config.json"),
          "{\"credHelpers\":{\"%s\":\"test\"}}".formatted(closed.name()));
      Path helper =
          Files.createDirectories(folder.resolve("bin")).resolve("docker-credential-test");
      Files.writeString(
          helper,
          "#!/bin/sh\nread name\necho '{\"Username\":\"%s\",\"Secret\":\"%s\"}'\n"
              .formatted(DebianRegistry.USER, PlantedSecrets.REGISTRY_PASSWORD));
      assertThat(helper.toFile().setExecutable(true)).isTrue();
      user.with("PATH", helper.getParent() + ":" + System.getenv("PATH"));
      copy(REF, closed.name() + "/helped");
    }
  }

  @Test
  void a_token_is_fetched_where_the_registry_says() {
    push(REF, image("one"));
    proxy.spoil(
        1,
        to("GET", "/token"),
        new Fault.Answer(200, Map.of(), "{\"token\":\"a-token\",\"expires_in\":300}"));
    Map<String, String> challenge =
        Map.of(
            "WWW-Authenticate",
            "Bearer realm=\"%s/token\",service=\"a, b\",scope=\"x\"".formatted(proxy.endpoint()));
    proxy.spoil(
        Integer.MAX_VALUE,
        request ->
            request.target().startsWith("/v2/")
                && !"Bearer a-token".equals(request.headers().get("authorization")),
        new Fault.Answer(401, challenge, ""));
    copy(REF, repository);
    assertThat(proxy.requests())
        .filteredOn(to("GET", "/token"))
        .singleElement()
        .satisfies(
            it ->
                assertThat(it.target())
                    .contains("service=a%2C+b", "scope=repository%3Ateam%2F", "%3Apull%2Cpush"));
  }

  @Test
  void too_many_requests_are_waited_out_if_that_is_not_too_long() {
    push(REF, image("one"));
    proxy.spoil(2, to("HEAD", "/blobs/"), new Fault.Answer(429, Map.of("Retry-After", "0"), ""));
    proxy.spoil(1, to("PUT", "/manifests/"), new Fault.Answer(503, Map.of(), ""));
    copy(REF, repository);
    proxy.spoil(
        1, to("HEAD", "/manifests/"), new Fault.Answer(429, Map.of("Retry-After", "3600"), ""));
    fails(7, "gets too many requests for team/", "copy", REF, repository);
  }

  @ParameterizedTest
  @ValueSource(strings = {"disconnect", "lost", "500"})
  void an_upload_that_breaks_begins_anew(String how) {
    push(REF, image("one"));
    proxy.spoil(
        1,
        to("PUT", "/blobs/uploads/"),
        switch (how) {
          case "disconnect" -> new Fault.Disconnect();
          case "lost" -> new Fault.LoseAnswer();
          default -> new Fault.Answer(500, Map.of(), "");
        });
    copy(REF, repository);
    user.with("S3DOCK_BUCKET", bucket("other"));
    copy(repository + ":" + TAG, REF);
  }

  @Test
  void a_blob_that_is_cut_off_goes_on_where_it_was() throws IOException {
    push(REF, image("one"));
    copy(REF, repository + ":v1");
    user.with("S3DOCK_BUCKET", bucket("other"));
    proxy.spoil(2, to("GET", "/blobs/"), new Fault.Truncate(100));
    copy(repository + ":v1", REF);
    assertThat(proxy.requests())
        .filteredOn(to("GET", "/blobs/"))
        .anyMatch(request -> "bytes=100-".equals(request.headers().get("range")));
    assertThat(folder.resolve("other").resolve(STEM + ".tar.gz"))
        .hasSameBinaryContentAs(file(STEM + ".tar.gz"));
  }

  @Test
  void a_blob_that_is_always_cut_off_ends_the_copy_and_publishes_nothing() {
    push(REF, image("one"));
    copy(REF, repository + ":v1");
    user.with("S3DOCK_BUCKET", bucket("other"));
    proxy.spoil(Integer.MAX_VALUE, to("GET", "/blobs/"), new Fault.Truncate(0));
    fails(7, "the connection to " + repository + " broke", "copy", repository + ":v1", REF);
    assertThat(user.s3dock("list", "images", "my-app").exitCode()).isEqualTo(3);
  }

  @Test
  void other_bytes_than_the_digest_says_are_not_published() {
    push(REF, image("one"));
    copy(REF, repository + ":v1");
    user.with("S3DOCK_BUCKET", bucket("other"));
    proxy.rewrite(
        to("GET", "/blobs/"),
        answer -> {
          int body = answer.indexOf("\r\n\r\n") + 4;
          return answer.startsWith("HTTP/1.1 200")
              ? answer.substring(0, body)
                  + (char) (answer.charAt(body) ^ 1)
                  + answer.substring(body + 1)
              : answer;
        });
    User.Result result = user.s3dock("copy", repository + ":v1", REF);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(5);
    assertThat(result.err()).contains("sent other bytes for blob sha256:");
    assertThat(user.s3dock("list", "images", "my-app").exitCode()).isEqualTo(3);
  }
}
