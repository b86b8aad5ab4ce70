package dev.s3dock.cli.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.TestCertificate;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real engines pull through {@code serve}. */
@Tag("engine")
@ResourceLock("reachable20")
@ResourceLock("reachable26")
class PullThroughServeTest {
  private static final String APP = "served";
  private static final String REF = APP + ":20250721-2118-f7a5a27";

  @TempDir Path folder;

  private static TestEngine engine(String version) {
    return version.equals("26.1") ? Engines.reachable26() : Engines.reachable20();
  }

  private User publisher(TestEngine engine, String compression) throws IOException {
    User user =
        new User(folder)
            .with(engine.environment())
            .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString());
    Path config = user.home().resolve(".s3dock/config.json5");
    Files.createDirectories(config.resolveSibling(""));
    Files.writeString(config, "{ docker: { compression: \"%s\" } }".formatted(compression));
    engine.helloImage(folder.resolve("context"), REF, "served " + compression + folder);
    user.s3dock("push", REF).ok();
    user.s3dock("tag", REF, "v1.0.0").ok();
    user.s3dock("promote", REF, "production").ok();
    engine.docker("rmi", "-f", REF);
    return user;
  }

  private static String page(TestEngine engine, String image) {
    return engine.docker(
        "run", "--rm", "--network", "none", image, "/bin/busybox", "cat", "/www/index.html");
  }

  @ParameterizedTest
  @CsvSource({"20.10, gzip", "20.10, zstd", "26.1, gzip", "26.1, zstd"})
  void an_engine_pulls_by_environment_version_stamp_hash_and_digest(
      String version, String compression) throws Exception {
    TestEngine engine = engine(version);
    User user = publisher(engine, compression);
    try (ServeProcess server = ServeProcess.start(user, 128, folder)) {
      String repository = server.registry() + "/" + APP;
      for (String name : new String[] {":production", ":v1.0.0", ":20250721-2118-f7a5a27"}) {
        engine.docker("pull", repository + name);
      }
      assertThat(page(engine, repository + ":production")).contains("served " + compression);
      boolean takesIt = compression.equals("gzip") || version.equals("26.1");
      String digest =
          user.s3dock("current", APP, "production", "--digest").ok().line().replace(APP, "");
      if (takesIt) {
        engine.docker("pull", repository + digest);
      }
      engine.docker("rmi", "-f", repository + ":production");
      assertThat(server.output()).doesNotContain(" cut", "\" 500 ", "Exception");
    }
  }

  @ParameterizedTest
  @CsvSource({"20.10", "26.1"})
  void an_engine_logs_in_and_pulls_over_tls(String version) throws Exception {
    TestEngine engine = engine(version);
    User user = publisher(engine, "gzip");
    TestCertificate certificate = TestCertificate.make(folder, "server");
    String hash =
        OpenBSDBCrypt.generate("2y", PlantedSecrets.PASSWORD.toCharArray(), new byte[16], 6);
    Path users = Files.writeString(folder.resolve("users"), "anna:" + hash + "\n");
    try (ServeProcess server =
        ServeProcess.start(
            user,
            128,
            folder,
            "--tls-cert",
            certificate.certificate().toString(),
            "--tls-key",
            certificate.key().toString(),
            "--auth-file",
            users.toString())) {
      String image = server.registry() + "/" + APP + ":production";
      assertThat(run(engine, "", "pull", image)).isNotZero();
      assertThat(
              run(
                  engine,
                  PlantedSecrets.PASSWORD,
                  "login",
                  "--username",
                  "anna",
                  "--password-stdin",
                  server.registry()))
          .isZero();
      assertThat(run(engine, "", "pull", image)).isZero();
      assertThat(page(engine, image)).contains("served gzip");
      assertThat(server.output()).contains(" anna \"GET /v2/served/blobs/");
      engine.docker("rmi", "-f", image);
    }
  }

  @Test
  void skopeo_copies_an_image_and_finds_its_tags() throws Exception {
    User user = publisher(engine("20.10"), "zstd");
    try (ServeProcess server = ServeProcess.start(user, 128, folder)) {
      String image = "docker://" + server.registry() + "/" + APP;
      assertThat(skopeo("list-tags", "--tls-verify=false", image))
          .contains("20250721-2118-f7a5a27", "production", "v1.0.0");
      skopeo(
          "copy",
          "--src-tls-verify=false",
          image + ":production",
          "oci:" + folder + "/copy:latest");
      assertThat(skopeo("inspect", "--raw", "oci:" + folder + "/copy:latest")).contains("tar+zstd");
    }
  }

  private static String skopeo(String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(Engines.skopeo().toString());
    builder.command().addAll(List.of(words));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** With a home of its own, where it keeps what it has logged in with. */
  private int run(TestEngine engine, String input, String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("docker");
    builder.command().addAll(List.of(words));
    builder.environment().putAll(engine.environment());
    builder.environment().put("DOCKER_CONFIG", folder.resolve("docker").toString());
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("docker.log").toFile());
    Process process = builder.start();
    process.getOutputStream().write(input.getBytes(UTF_8));
    process.getOutputStream().close();
    return process.waitFor();
  }
}
