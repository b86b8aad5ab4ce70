package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.SameFiles;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** Transfers that break off: by Ctrl-C, by a store that goes away, by a full disk. */
@ResourceLock("docker20")
@ResourceLock("docker26")
@Order(2)
class InterruptedTransferTest {
  private static final String APP =
      "interrupted"; // of its own: what other classes leave in an engine is not ours
  private static final String TAG = "20250721-2118-f7a5a27";
  private static final String REF = APP + ":" + TAG;

  @TempDir Path folder;
  private final S3Server server = S3Servers.s3Mock();
  private String bucket = S3Servers.newBucket(server);

  /** Of tests that pull alone. */
  private static String published = "";

  private User user;
  private Path image;

  @BeforeEach
  void makeImage() {
    user = userOf(server.endpoint());
    byte[] content = Noise.of(1, 24 << 20);
    image =
        TestImages.dockerSave(
            folder.resolve("image.tar"), ImageSpec.small().withFile("data", content), REF);
  }

  private void publish() {
    if (published.isEmpty()) {
      user.s3dock("push", REF, "--from", image.toString()).ok();
      published = bucket;
    }
    bucket = published;
    user = userOf(server.endpoint());
  }

  private User userOf(URI endpoint) {
    return new User(folder)
        .with("S3DOCK_BUCKET", bucket)
        .with("AWS_ENDPOINT_URL", endpoint.toString())
        .with("AWS_REGION", server.region())
        .with("AWS_ACCESS_KEY_ID", server.accessKey())
        .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
  }

  @Test
  void ctrl_c_aborts_the_upload_and_leaves_nothing() throws Exception {
    CountDownLatch sending = new CountDownLatch(1);
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{defaults: {retry_count: 20}}");
    Path output = folder.resolve("output");
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(Integer.MAX_VALUE, request -> isPart(request, sending), answer(503, "SlowDown"));
      Process push =
          userOf(proxy.endpoint()).start(256, output, "push", REF, "--from", image.toString());
      assertThat(sending.await(5, TimeUnit.MINUTES)).isTrue();
      assertThat(uploads()).hasSize(1);
      new ProcessBuilder("kill", "-INT", "" + push.pid()).start().waitFor();
      assertThat(push.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(push.exitValue()).as(Files.readString(output)).isEqualTo(130);
    }
    assertThat(uploads()).isEmpty();
    assertThat(user.temporary()).isEmptyDirectory();
    assertThat(user.s3dock("list", "apps").ok().out()).isEmpty();
  }

  private static boolean isPart(FaultProxy.Request request, CountDownLatch seen) {
    boolean part = request.method().equals("PUT") && request.target().contains("partNumber=");
    if (part) {
      seen.countDown();
    }
    return part;
  }

  private static Fault answer(int status, String code) {
    return new Fault.Answer(
        status,
        Map.of("Content-Type", "application/xml"),
        "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
  }

  @ParameterizedTest
  @CsvSource({
    "403, AccessDenied, 7, denied",
    "404, NoSuchBucket, 7, bucket",
    "507, InsufficientStorage, 1, full"
  })
  void a_push_that_the_store_refuses_says_why_and_publishes_nothing(
      int status, String code, int exitCode, String word) throws Exception {
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(
          Integer.MAX_VALUE,
          request -> isPart(request, new CountDownLatch(1)),
          answer(status, code));
      User.Result result = userOf(proxy.endpoint()).s3dock("push", REF, "--from", image.toString());
      assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
      assertThat(result.err()).containsIgnoringCase(word).doesNotContain("\tat ");
    }
    assertThat(uploads()).isEmpty();
    assertThat(user.s3dock("list", "apps").ok().out()).isEmpty();
    user.s3dock("push", REF, "--from", image.toString()).ok();
  }

  @Test
  void a_pull_goes_on_where_a_range_broke_off() throws Exception {
    publish();
    Path target = folder.resolve("pulled.tar.gz");
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(2, InterruptedTransferTest::isRange, new Fault.Truncate(1000));
      proxy.spoil(1, InterruptedTransferTest::isRange, new Fault.Disconnect());
      userOf(proxy.endpoint()).s3dock("pull", APP, TAG, "--to", target.toString()).ok();
    }
    user.s3dock("pull", APP, TAG, "--to", target + "2").ok();
    SameFiles.require(target, Path.of(target + "2"));
  }

  @Test
  void a_pull_whose_store_goes_away_leaves_no_file() throws Exception {
    publish();
    Path folderOfTarget = Files.createDirectories(folder.resolve("target"));
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{defaults: {retry_count: 1}}");
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(Integer.MAX_VALUE, InterruptedTransferTest::isRange, new Fault.Truncate(1000));
      User.Result result =
          userOf(proxy.endpoint()).s3dock("pull", APP, TAG, "--to", folderOfTarget + "/x.tar.gz");
      assertThat(result.exitCode()).as(result.err()).isEqualTo(7);
      assertThat(result.err()).contains("try again").doesNotContain("\tat ");
    }
    assertThat(folderOfTarget).isEmptyDirectory();
  }

  @Tag("engine")
  @ParameterizedTest
  @ValueSource(strings = {"20.10", "26.1"})
  void a_pull_into_an_engine_whose_store_goes_away_says_so(String version) throws Exception {
    TestEngine engine = version.equals("26.1") ? Engines.docker26() : Engines.docker20();
    publish();
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{defaults: {retry_count: 1}}");
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      proxy.spoil(Integer.MAX_VALUE, request -> isRange(request), new Fault.Truncate(1000));
      User.Result result =
          userOf(proxy.endpoint()).with(engine.environment()).s3dock("pull", APP, TAG);
      assertThat(result.exitCode()).as(result.err()).isEqualTo(7);
      assertThat(result.err()).contains("try again").doesNotContain("\tat ");
    }
    assertThat(engine.docker("images", "-q", REF)).isEmpty();
  }

  private static boolean isRange(FaultProxy.Request request) {
    return request.method().equals("GET") && request.headers().containsKey("range");
  }

  /** A disk of 8 MiB, mounted for the test: needs root, as the tests with engines do. */
  @Tag("engine")
  @Test
  void a_full_disk_is_told_and_publishes_nothing() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString());
    try {
      User.Result result =
          userOf(server.endpoint())
              .with("TMPDIR", disk.toString())
              .s3dock("push", REF, "--from", image.toString());
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("No space left").doesNotContain("\tat ");
      assertThat(disk).isEmptyDirectory();
      user.s3dock("push", REF, "--from", image.toString()).ok();
      Path target = disk.resolve("x.tar.gz");
      User.Result pulled = user.s3dock("pull", APP, TAG, "--to", target.toString());
      assertThat(pulled.exitCode()).as(pulled.err()).isEqualTo(1);
      assertThat(pulled.err()).contains("No space left");
      assertThat(disk).isEmptyDirectory();
    } finally {
      run("umount", disk.toString());
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private List<MultipartUpload> uploads() {
    try (S3Client client = S3Servers.client(server)) {
      return client.listMultipartUploads(request -> request.bucket(bucket)).uploads();
    }
  }
}
