package dev.s3dock.cli.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Manual;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.RegistryPrograms;
import dev.s3dock.testing.RegistryPrograms.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * podman, skopeo, crane, oras and containerd's ctr pull through {@code serve}, with the
 * configuration that {@code docs/serve.md} shows. The releases are those of {@code scripts/client}.
 */
@Tag("engine")
@Order(3)
class RegistryClientsTest {
  private static final String FORKY = "forky";
  private static final String OTHER = "arm64";
  private static final String DOCUMENTED = "127.0.0.1:5000";
  private static final String DOCUMENTED_REMOTE = "registry.example.com:5000";

  @TempDir static Path folder;
  private static ServedBucket bucket;
  private static RegistryPrograms programs;

  /** The same with an authority that all may trust, since crane can be told in no other way. */
  private static RegistryPrograms trusting;

  private static Containerd containerd;
  private static int layouts;

  /** The engine behind {@code ctr}. */
  private record Containerd(Process process, String socket) {}

  @BeforeAll
  static void serve() throws Exception {
    bucket = ServedBucket.start(folder);
    programs = new RegistryPrograms(folder.resolve("clients"));
    trusting =
        new RegistryPrograms(folder.resolve("clients"))
            .with("SSL_CERT_FILE", bucket.authority().toString());
    String open = bucket.open().registry();
    String secured = bucket.secured().registry();
    String authority = Files.readString(bucket.authority());
    programs.write(
        ".config/containers/registries.conf",
        Manual.replace(Manual.block("serve.md", "toml", "[[registry]]"), DOCUMENTED, open));
    programs.write(".config/containers/certs.d/" + secured + "/ca.crt", authority);
    programs.write(
        "certs.d/" + open + "/hosts.toml",
        Manual.replace(Manual.block("serve.md", "toml", DOCUMENTED), DOCUMENTED, open));
    String remote = Manual.block("serve.md", "toml", "https://" + DOCUMENTED_REMOTE);
    Path directory = programs.write("certs.d/" + secured + "/ca.crt", authority).getParent();
    programs.write(
        "certs.d/" + secured + "/hosts.toml",
        Manual.replace(remote, "/etc/containerd/certs.d/" + DOCUMENTED_REMOTE, "" + directory)
            .replace(DOCUMENTED_REMOTE, secured));
    containerd = startContainerd();
    Eventually.holds("containerd answers", () -> ctr("version").exitCode() == 0);
  }

  private static Containerd startContainerd() throws IOException {
    Path config =
        programs.write(
            "containerd.toml", "version = 3\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n");
    programs.run(FORKY, "containerd", "--version").ok(); // may make the Debian tree first
    String socket = folder.resolve("containerd.sock").toString();
    Process process =
        programs.start(
            folder.resolve("containerd.log"),
            FORKY,
            "containerd",
            "--config=" + config,
            "--root=" + folder.resolve("containerd"),
            "--state=" + folder.resolve("containerd-state"),
            "--address=" + socket);
    return new Containerd(process, socket);
  }

  @AfterAll
  static void end() throws IOException {
    bucket.close();
    containerd.process().destroy();
    containerd.process().onExit().join();
    bucket.requireNoFailure();
  }

  private static Ran ctr(String... arguments) {
    return run(FORKY, "ctr", List.of("--address", containerd.socket()), arguments);
  }

  private static Ran podman(String release, String... arguments) {
    return run(release, "podman", own(release), arguments);
  }

  /** Podman's options for a place of its own, so that it touches nothing of the machine's. */
  private static List<String> own(String release) {
    String home = folder.resolve("podman-" + release).toString();
    return List.of("--root", home, "--runroot", home + "-run", "--storage-driver", "vfs");
  }

  private static Ran run(String release, String program, List<String> own, String... more) {
    List<String> all = new ArrayList<>(own);
    all.addAll(List.of(more));
    return programs.run(release, program, all.toArray(String[]::new));
  }

  /** A client pulls an image; the page in it comes back. */
  private static String pulled(String client, String release, String image) throws IOException {
    return pulled(client, release, image, "amd64");
  }

  private static String pulled(String client, String release, String image, String architecture)
      throws IOException {
    return switch (client) {
      case "podman" -> byPodman(release, image, architecture);
      case "skopeo" -> bySkopeo(release, image, architecture);
      case "crane" -> byCrane(image, architecture);
      case "oras" -> byOras(image, architecture);
      case "ctr" -> byCtr(image, architecture);
      default -> throw new AssertionError(client);
    };
  }

  private static String byPodman(String release, String image, String architecture)
      throws IOException {
    podman(release, "pull", "--arch", architecture, image).ok();
    Path mounted = Path.of(podman(release, "image", "mount", image).ok().strip());
    return Files.readString(mounted.resolve(ServedBucket.PAGE));
  }

  private static String bySkopeo(String release, String image, String architecture)
      throws IOException {
    Path layout = folder.resolve("layout" + ++layouts);
    String arch = "--override-arch=" + architecture;
    programs.run(release, "skopeo", "copy", arch, "docker://" + image, "oci:" + layout + ":x").ok();
    return unpacked(layout);
  }

  private static String byCrane(String image, String architecture) throws IOException {
    Path tar = folder.resolve("export.tar");
    String platform = "--platform=linux/" + architecture;
    trusting.run(FORKY, "crane", "export", platform, image, tar.toString()).ok();
    try (var in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().equals(ServedBucket.PAGE)) {
          return new String(in.readAllBytes(), UTF_8);
        }
      }
    }
    throw new AssertionError("not in what crane has exported of " + image);
  }

  private static String byOras(String image, String architecture) throws IOException {
    Path layout = folder.resolve("layout" + ++layouts);
    String tls =
        image.startsWith(bucket.open().registry())
            ? "--from-plain-http"
            : "--from-ca-file=" + bucket.authority();
    String platform = "--platform=linux/" + architecture;
    programs
        .run(FORKY, "oras", "copy", tls, platform, "--to-oci-layout", image, layout + ":x")
        .ok();
    return unpacked(layout);
  }

  /** It unpacks into folders that only this image has meanwhile. */
  private static String byCtr(String image, String architecture) throws IOException {
    String login = ServedBucket.LOGIN + ":" + PlantedSecrets.PASSWORD;
    String platform = "linux/" + architecture;
    ctr("images", "pull", "--hosts-dir", certsD(), "--user", login, "--platform", platform, image)
        .ok();
    try (Stream<Path> files = Files.walk(folder.resolve("containerd"))) {
      Path page = files.filter(file -> file.endsWith(ServedBucket.PAGE)).findFirst().orElseThrow();
      String text = Files.readString(page);
      ctr("images", "remove", "--sync", image).ok();
      return text;
    }
  }

  private static String certsD() {
    return folder.resolve("clients/certs.d").toString();
  }

  /** The page of the image in a layout, unpacked by umoci. */
  private static String unpacked(Path layout) throws IOException {
    Path bundle = folder.resolve(layout.getFileName() + "-bundle");
    programs.run(FORKY, "umoci", "unpack", "--image", layout + ":x", bundle.toString()).ok();
    return Files.readString(bundle.resolve("rootfs").resolve(ServedBucket.PAGE));
  }

  @ParameterizedTest
  @CsvSource({
    "podman, host",
    "podman, forky",
    "skopeo, host",
    "skopeo, forky",
    "crane, forky",
    "oras, forky",
    "ctr, forky"
  })
  void a_client_pulls_by_tag_and_digest(String client, String release) throws IOException {
    for (String app : List.of("gzip", "zstd")) {
      String repository = bucket.open().registry() + "/" + app;
      for (String name : List.of(":" + ServedBucket.ENVIRONMENT, bucket.digest(app))) {
        assertThat(pulled(client, release, repository + name)).isEqualTo(ServedBucket.page(app));
      }
    }
    if (client.equals("podman")) { // so that it fetches all again for the next test
      podman(release, "rmi", "--force", "--all").ok();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "podman, host",
    "podman, forky",
    "skopeo, forky",
    "crane, forky",
    "oras, forky",
    "ctr, forky"
  })
  void a_client_logs_in_and_pulls_over_tls(String client, String release) throws IOException {
    String registry = bucket.secured().registry();
    List<String> words = new ArrayList<>();
    switch (client) {
      case "crane" -> words.addAll(List.of("auth", "login"));
      case "oras" -> words.addAll(List.of("login", "--ca-file", "" + bucket.authority()));
      case "podman" -> {
        words.addAll(own(release));
        words.add("login");
      }
      default -> words.add("login");
    }
    if (!client.equals("ctr")) { // which is told with each pull
      words.addAll(List.of("--username", ServedBucket.LOGIN, "--password-stdin", registry));
      RegistryPrograms typed = client.equals("crane") ? trusting : programs;
      typed.typing(PlantedSecrets.PASSWORD, release, client, words.toArray(String[]::new)).ok();
    }
    assertThat(pulled(client, release, registry + "/zstd:" + ServedBucket.ENVIRONMENT))
        .isEqualTo(ServedBucket.page("zstd"));
    assertThat(bucket.secured().output()).contains(" anna \"GET /v2/zstd/manifests/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"version = 2", "version = 3"})
  void containerd_understands_the_configuration_for_kubernetes(String format) {
    String file =
        programs.write("kubernetes.toml", Manual.block("serve.md", "toml", format)).toString();
    Ran dump = programs.run(FORKY, "containerd", "--config=" + file, "config", "dump");
    assertThat(dump.errors()).doesNotContain("unknown key");
    assertThat(dump.ok())
        .containsPattern(
            "(?s)'io.containerd.cri.v1.images'.registry]\\s+config_path = '/etc/containerd/certs.d'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"podman", "skopeo", "crane", "oras", "ctr"})
  void a_client_takes_the_platform_that_it_wants_out_of_an_index(String client) throws IOException {
    String repository = bucket.open().registry() + "/" + ServedBucket.BOTH;
    for (String name : List.of(":" + ServedBucket.VERSION, bucket.digest(ServedBucket.BOTH))) {
      assertThat(pulled(client, FORKY, repository + name, OTHER))
          .isEqualTo(ServedBucket.page(OTHER));
    }
  }

  @Test
  void all_bytes_are_found_to_be_as_they_should() {
    for (String app : List.of("gzip", ServedBucket.BOTH)) {
      String image = bucket.open().registry() + "/" + app + ":" + ServedBucket.VERSION;
      assertThat(programs.run(FORKY, "crane", "validate", "--remote", image).ok()).contains("PASS");
      assertThat(programs.run(FORKY, "crane", "digest", image).ok().strip())
          .isEqualTo(bucket.digest(app).substring(1));
    }
  }

  @Test
  void apps_tags_and_referrers_are_listed() {
    String registry = bucket.open().registry();
    String image = registry + "/gzip";
    String[] tags = {ServedBucket.STAMP, ServedBucket.ENVIRONMENT, ServedBucket.VERSION};
    assertThat(programs.run(FORKY, "crane", "catalog", registry).ok())
        .isEqualTo("both\ngzip\nzstd\n");
    assertThat(programs.run(FORKY, "crane", "ls", image).ok().lines()).containsExactly(tags);
    assertThat(programs.run(FORKY, "skopeo", "list-tags", "docker://" + image).ok()).contains(tags);
    assertThat(programs.run(FORKY, "oras", "repo", "tags", "--plain-http", image).ok())
        .contains(tags);
    String found =
        programs.run(FORKY, "oras", "discover", "--plain-http", image + ":" + tags[1]).ok();
    assertThat(found.strip()).isEqualTo(image + bucket.digest("gzip"));
  }

  @Test
  void s3dock_copies_from_a_server_into_another_bucket() throws IOException {
    for (String app : List.of("gzip", "zstd")) {
      String image = bucket.open().registry() + "/" + app + ":" + ServedBucket.ENVIRONMENT;
      Path other = folder.resolve("other");
      User user =
          new User(folder.resolve("other-user")).with("S3DOCK_BUCKET", other.toUri().toString());
      Files.writeString(
          user.workingDirectory().resolve("s3dock.json5"),
          "{ docker: { compression: \"%s\" } }".formatted(app));
      user.s3dock("copy", image, app + ":" + ServedBucket.STAMP).ok();
      user.s3dock("verify", app + ":" + ServedBucket.STAMP, "--deep").ok();
      user.s3dock("promote", app + ":" + ServedBucket.STAMP, "staging").ok();
      assertThat(user.s3dock("current", app, "staging", "--digest").ok().line())
          .isEqualTo(app + bucket.digest(app));
    }
  }
}
