package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.Terminal;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Verify on real stores, two days after everything was written. */
class VerifyCommandTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String OTHER = "other:20250620-1045-def5678";
  private static final String ARCHIVE = "images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz";
  private static final Path SAMPLES = Path.of("src/test/resources/original-bucket");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Where the bucket is. */
  enum Kind {
    FOLDER,
    S3MOCK
  }

  /** A bucket, seen as its user and from below. */
  private final class Below {
    final S3Server server = S3Servers.s3Mock();
    final Path store = folder.resolve("store");
    final String bucket;
    final Kind kind;

    Below(Kind kind) {
      this.kind = kind;
      this.bucket = kind == Kind.FOLDER ? store.toUri().toString() : S3Servers.newBucket(server);
    }

    User user() {
      return user(server.endpoint());
    }

    User user(URI endpoint) {
      User user = new User(folder).with("S3DOCK_BUCKET", bucket);
      return kind == Kind.FOLDER
          ? user
          : user.with("AWS_ENDPOINT_URL", endpoint.toString())
              .with("AWS_REGION", server.region())
              .with("AWS_ACCESS_KEY_ID", server.accessKey())
              .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
    }

    void put(String key, byte[] content) throws IOException {
      if (kind == Kind.FOLDER) {
        Files.createDirectories(store.resolve(key).resolveSibling("."));
        Files.write(store.resolve(key), content);
        return;
      }
      try (S3Client client = S3Servers.client(server)) {
        client.putObject(
            request -> request.bucket(bucket).key(key), RequestBody.fromBytes(content));
      }
    }

    byte[] get(String key) throws IOException {
      if (kind == Kind.FOLDER) {
        return Files.readAllBytes(store.resolve(key));
      }
      try (S3Client client = S3Servers.client(server)) {
        return client.getObjectAsBytes(request -> request.bucket(bucket).key(key)).asByteArray();
      }
    }

    void delete(String key) throws IOException {
      if (kind == Kind.FOLDER) {
        Files.delete(store.resolve(key));
        return;
      }
      try (S3Client client = S3Servers.client(server)) {
        client.deleteObject(request -> request.bucket(bucket).key(key));
      }
    }

    void push(String reference) {
      Path tar = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), reference);
      user().s3dock("push", reference, "--from", tar.toString()).ok();
    }

    void fill() {
      push(REF);
      push(OTHER);
      user().s3dock("tag", REF, "v1.2.0").ok();
      user().s3dock("promote", "my-app", "v1.2.0", "production").ok();
    }

    User.Result verify(String... args) {
      return user().later(Duration.ofDays(2)).s3dock(join("verify", args));
    }
  }

  private static String[] join(String first, String... args) {
    return Stream.concat(Stream.of(first), Stream.of(args)).toArray(String[]::new);
  }

  @ParameterizedTest
  @EnumSource
  void a_sound_bucket_is_told_in_one_line(Kind kind) throws IOException {
    Below below = new Below(kind);
    below.fill();
    assertThat(below.verify("--all").ok().line())
        .matches(
            "verified 2 images \\([0-9.]+ KiB\\), 2 versions and environments, 0 reports,"
                + " 4 events: no problems found");
    assertThat(below.verify("--all", "--deep").ok().line())
        .matches("verified 2 images \\(([0-9.]+ KiB), \\1 read\\), .*: no problems found");
    for (List<String> target :
        List.of(
            List.of("my-app"),
            List.of("my-app", "production"),
            List.of("my-app", "v1.2.0"),
            List.of("my-app:production"),
            List.of(REF, OTHER),
            List.of("host:5000/team/" + REF, "other"))) {
      assertThat(below.verify(target.toArray(String[]::new)).ok().line())
          .as("%s", target)
          .startsWith(
              target.getLast().startsWith("other") ? "verified 2 images" : "verified 1 image ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void damage_is_told_with_its_key_and_remedy_and_makes_exit_5(Kind kind) throws IOException {
    Below below = new Below(kind);
    below.fill();
    byte[] archive = below.get(ARCHIVE);
    archive[archive.length / 2] ^= 1;
    below.put(ARCHIVE, archive);
    User.Result deep = below.verify("--all", "--deep");
    assertThat(deep.exitCode()).as(deep.err()).isEqualTo(5);
    assertThat(deep.out().lines().findFirst().orElseThrow())
        .startsWith("damage\t" + ARCHIVE + "\tis damaged: ")
        .endsWith("\tpush it again with --force from where it was built");
    assertThat(deep.err()).contains("s3dock: 1 damaged in ");
    User.Result shallow = below.verify("my-app");
    if (kind == Kind.FOLDER) {
      assertThat(shallow.ok().out()).startsWith("note\t" + ARCHIVE).contains("--deep");
    } else {
      assertThat(shallow.exitCode()).as("its ETag is an MD5").isEqualTo(5);
      assertThat(shallow.out()).contains("its MD5 is ");
    }
    below.delete(ARCHIVE);
    JsonNode json = below.verify("my-app", "--json").json();
    assertThat(json.path("success").booleanValue()).isFalse();
    assertThat(json.path("error").textValue()).contains("1 damaged");
    assertThat(json.at("/data/damaged").intValue()).isEqualTo(1);
    assertThat(json.at("/data/from").textValue()).isEmpty();
    JsonNode finding = json.at("/data/findings/0");
    assertThat(finding.path("severity").textValue()).isEqualTo("damage");
    assertThat(finding.path("key").textValue()).isEqualTo(ARCHIVE);
    assertThat(finding.path("problem").textValue()).contains("is missing");
    assertThat(finding.path("remedy").textValue()).startsWith("push the image again");
    assertThat(below.verify("other", "--json").ok().json().at("/data/images").intValue())
        .isEqualTo(1);
  }

  /** The pause is that of the program itself: 15 s for whoever may be between two steps. */
  @Test
  void damage_that_is_new_is_found_after_a_while() throws IOException {
    Below below = new Below(Kind.FOLDER);
    below.fill();
    below.delete(ARCHIVE);
    User.Result result = below.user().onTerminal().s3dock("verify", REF);
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.out()).startsWith("\u001b[31mdamage ");
    List<String> lines = Terminal.lines(result.out());
    assertThat(lines.getFirst()).isEqualTo("damage       " + ARCHIVE);
    assertThat(lines.get(1))
        .startsWith("             is missing while its metadata is there; push");
  }

  @ParameterizedTest
  @EnumSource
  void the_samples_of_the_original_are_sound(Kind kind) throws Exception {
    Below below = new Below(kind);
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        below.put(SAMPLES.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    assertThat(below.verify("--all").out().lines())
        .as("they have no archives")
        .filteredOn(line -> line.startsWith("damage"))
        .hasSize(2);
    original(below, "202507/my-app-20250720-1045-def5678");
    original(below, "202508/my-app-20250731-2350-f7a5a27");
    User.Result shallow = below.verify("--all").ok();
    assertThat(shallow.line())
        .contains("verified 2 images", "3 versions and environments", "3 events")
        .endsWith(kind == Kind.FOLDER ? "2 notes" : "no problems found");
    assertThat(below.verify("--all", "--deep").ok().line()).endsWith("no problems found");
  }

  private void original(Below below, String name) throws IOException, NoSuchAlgorithmException {
    String stem = "images/my-app/" + name;
    String reference = stem.replaceAll(".*/(my-app)-(\\d{8}.*)", "$1:$2");
    Path tar = TestImages.legacyDockerSave(folder.resolve("old.tar"), ImageSpec.small(), reference);
    byte[] archive = Packaging.GZIP.apply(Files.readAllBytes(tar));
    ObjectNode metadata = (ObjectNode) JSON.readTree(below.get(stem + ".json"));
    metadata.put("size", archive.length);
    metadata.put(
        "checksum", HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(archive)));
    below.put(stem + ".tar.gz", archive);
    below.put(stem + ".json", JSON.writeValueAsBytes(metadata));
  }

  private static void fails(Below below, int exitCode, String hint, String... args) {
    User.Result result = below.verify(args);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
    assertThat(result.err()).contains(hint);
  }

  @Test
  void what_cannot_be_meant_is_told() {
    Below below = new Below(Kind.FOLDER);
    below.fill();
    fails(below, 2, "name what to verify: images, an app, or --all");
    fails(below, 2, "leave out my-app", "my-app", "--all");
    fails(below, 2, "--from needs --all", REF, "--from", REF);
    fails(below, 2, "does not belong to the app my-app", "my-app", "--from", OTHER);
    fails(below, 2, "malformed image reference", "--all", "--from", "my-app:v1.2.0");
    fails(below, 2, "malformed app name", "My_App");
    fails(below, 3, "did you mean my-app?", "my-ap");
    fails(below, 3, "did you mean production?", "my-app:producton");
    fails(below, 3, "is not published", "my-app:20250721-2118-f7a5a28");
    fails(below, 3, "my-app has no environment and no version v9", "my-app", "v9");
    User.Result some = below.verify("my-app:v9", OTHER);
    assertThat(some.exitCode()).isEqualTo(3);
    assertThat(some.line()).as("the other one is verified").startsWith("verified 1 image ");
    assertThat(below.verify("My_App", OTHER).out()).isEmpty();
    assertThat(below.verify("--all", "--from", OTHER).ok().line())
        .startsWith("verified 1 image ")
        .contains("0 events");
  }

  @Test
  void a_run_that_ends_early_tells_how_to_go_on() throws IOException {
    Below below = new Below(Kind.S3MOCK);
    below.fill();
    try (FaultProxy proxy = FaultProxy.inFrontOf(below.server.endpoint())) {
      proxy.spoil(
          100,
          request -> request.target().contains("prefix=images%2Fother%2F"),
          new FaultProxy.Fault.Answer(
              403,
              Map.of("Content-Type", "application/xml"),
              "<Error><Code>AccessDenied</Code></Error>"));
      User user = below.user(proxy.endpoint()).later(Duration.ofDays(2));
      User.Result result = user.s3dock("verify", "--all");
      assertThat(result.exitCode()).as(result.err()).isEqualTo(7);
      assertThat(result.out()).contains("incomplete: 1 image ");
      assertThat(result.err()).contains("to continue: s3dock verify --all --from other\n");
      JsonNode json = user.s3dock("verify", "--all", "--json").json();
      assertThat(json.at("/data/from").textValue()).isEqualTo("other");
      assertThat(json.path("success").booleanValue()).isFalse();
    }
    assertThat(below.verify("--all", "--from", "other").ok().line())
        .startsWith("verified 1 image ");
  }

  @Test
  void ctrl_c_tells_how_to_go_on() throws Exception {
    Below below = new Below(Kind.S3MOCK);
    below.fill();
    Path output = folder.resolve("output");
    CountDownLatch reading = new CountDownLatch(1);
    try (FaultProxy proxy = FaultProxy.inFrontOf(below.server.endpoint())) {
      proxy.spoil(
          100, request -> isRangeOfOther(request, reading), new FaultProxy.Fault.Stall(100));
      Process process =
          below.user(proxy.endpoint()).start(128, output, "verify", "--all", "--deep");
      assertThat(reading.await(5, TimeUnit.MINUTES)).isTrue();
      new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(130);
    }
    assertThat(output)
        .content()
        .contains("incomplete: 1 image ")
        .contains("to continue: s3dock verify --all --deep --from other\n")
        .contains("s3dock: interrupted");
  }

  private static boolean isRangeOfOther(FaultProxy.Request request, CountDownLatch seen) {
    boolean range =
        request.headers().containsKey("range") && request.target().contains("images/other/");
    if (range) {
      seen.countDown();
    }
    return range;
  }
}
