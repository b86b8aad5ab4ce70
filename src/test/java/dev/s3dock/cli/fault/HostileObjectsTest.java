package dev.s3dock.cli.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpServer;
import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that somebody wrote to do harm: a command ends soon, in little memory, and says why. */
class HostileObjectsTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String METADATA = "images/my-app/202507/my-app-20250721-2118-f7a5a27.json";
  private static final String POINTER = "pointers/my-app/production.json";
  private static final String VERSION = "tags/my-app/v1.2.0.json";
  private static final String EVENT = "audit/my-app/202508/20250802-0930-promotion-f7a5a27.json";
  private static final String REPORT = "deployments/my-app/production/host.json";
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final long TEN_GB = 10L << 30;

  @TempDir Path folder;
  private User user;
  private Path store;

  @BeforeEach
  void publish() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", image.toString()).ok();
    user.s3dock("tag", REF, "v1.2.0").ok();
    user.s3dock("promote", "my-app", "v1.2.0", "production").ok();
  }

  /** Each object, and a command that needs it. */
  private static final Map<String, String> NEEDED_BY =
      Map.of(
          METADATA, "pull my-app production --to out",
          POINTER, "current my-app production",
          VERSION, "current my-app production",
          EVENT, "audit my-app");

  private static final List<String> READERS =
      List.of(
          "list images my-app",
          "list tags my-app",
          "list envs my-app",
          "list tag-for my-app production",
          "current my-app production",
          "audit my-app",
          "history my-app production",
          "inspect my-app production",
          "pull my-app production --to out");

  static List<String> bombs() {
    return List.of(
        "[".repeat(500_000),
        "{\"a\":".repeat(150_000),
        "{" + "\"a\":1,".repeat(170_000) + "\"target_type\":\"image\"}",
        fields(80_000),
        "{\"size\":1" + "0".repeat(1_000_000) + "}",
        "{\"size\":1e999999999,\"target_type\":1e999999999,\"timestamp\":1E-999999999}",
        "{\"target_type\":\"" + "x".repeat(1_040_000) + "\",\"target_path\":\"y\"}",
        "{\"timestamp\":\"" + "9".repeat(1_000_000) + "\",\"event_type\":\"a\"}",
        "{\"timestamp\":\"+999999999-12-31T23:59:59.999999999-18:00\",\"event_type\":\"a\"}");
  }

  private static String fields(int count) {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < count; i++) {
      json.append("\"f").append(i).append("\":1,");
    }
    return json.append("\"target_type\":1}").toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {METADATA, POINTER, VERSION, EVENT, REPORT})
  void a_json_bomb_is_damage(String key) throws IOException {
    for (String bomb : bombs()) {
      put(key, bomb);
      for (String line : READERS) {
        User.Result result = soon(line);
        assertThat(result.exitCode())
            .as("%s with %s: %s".formatted(line, bomb.substring(0, 20), result.err()))
            .isIn(0, 5);
      }
      if (NEEDED_BY.containsKey(key) && !bomb.contains("event_type\":\"a")) {
        assertThat(soon(NEEDED_BY.get(key)).exitCode()).as(bomb.substring(0, 20)).isEqualTo(5);
      }
    }
  }

  static List<String> largestBombs() {
    return List.of("metadata of fields", "metadata of lists", "metadata of one text");
  }

  @ParameterizedTest
  @MethodSource("largestBombs")
  void the_largest_metadata_does_not_fill_the_heap(String kind) throws Exception {
    String piece =
        switch (kind) {
          case "metadata of fields" -> fields(2_000_000);
          case "metadata of lists" -> "{\"archive\":[" + "[],".repeat(10_000_000) + "1]}";
          default -> "{\"archive\":\"" + "x".repeat(31 << 20) + "\"}";
        };
    put(METADATA, piece);
    Path output = folder.resolve("output");
    Process process = user.start(256, output, "inspect", "my-app", "production");
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(5);
    assertThat(Files.readString(output)).startsWith("s3dock: ").contains(METADATA);
  }

  @ParameterizedTest
  @ValueSource(strings = {METADATA, POINTER, VERSION, EVENT, REPORT})
  void an_object_of_10_gb_is_not_read(String key) throws IOException {
    Files.createDirectories(store.resolve(key).resolveSibling(""));
    try (RandomAccessFile sparse = new RandomAccessFile(store.resolve(key).toFile(), "rw")) {
      sparse.setLength(TEN_GB);
    }
    for (String line : READERS) {
      assertThat(soon(line).exitCode()).as(line).isIn(0, 5);
    }
    if (NEEDED_BY.containsKey(key)) {
      User.Result result = soon(NEEDED_BY.get(key));
      assertThat(result.out() + result.err()).contains(key, "allowed for its kind");
    }
  }

  @Test
  void an_answer_of_10_gb_is_hung_up_on() throws IOException {
    AtomicLong sent = new AtomicLong();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("ETag", "\"1\"");
          exchange.sendResponseHeaders(200, TEN_GB);
          byte[] block = new byte[1 << 20];
          try (OutputStream body = exchange.getResponseBody()) {
            for (long left = TEN_GB; left > 0; left -= block.length) {
              body.write(block);
              sent.addAndGet(block.length);
            }
          }
        });
    server.start();
    try {
      onS3("http://127.0.0.1:" + server.getAddress().getPort());
      User.Result result = soon("current my-app production");
      assertThat(result.exitCode()).as(result.err()).isEqualTo(5);
      assertThat(sent.get()).isLessThan(64L << 20);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void what_a_server_says_does_not_steer_the_terminal() throws IOException {
    String says =
        "<Error><Code>AccessDenied</Code><Message>\u009b2J&#155;31m\u202e</Message></Error>";
    try (FaultProxy server = FaultProxy.alone()) {
      server.spoil(
          100,
          request -> true,
          new FaultProxy.Fault.Answer(403, Map.of("Content-Type", "application/xml"), says));
      onS3(server.endpoint().toString());
      for (String more : new String[] {"", " --json", " -l 3"}) {
        User.Result result = soon("current my-app production" + more);
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.out() + result.err()).doesNotContain("\u009b", "\u202e");
      }
    }
  }

  @Test
  void keys_that_are_no_paths_are_passed_over() throws IOException {
    String list = "<ListBucketResult><EncodingType>url</EncodingType>%s</ListBucketResult>";
    String folders =
        "<CommonPrefixes><Prefix>images/%s/</Prefix></CommonPrefixes>"
            .repeat(4)
            .formatted("..", "%1B%5B31m", "%C2%9B2J", "my-app");
    String keys =
        "<Contents><Key>images/my-app/202507/%s</Key><Size>1</Size><ETag>\"1\"</ETag></Contents>"
            .repeat(4)
            .formatted(
                "../my-app-20250721-2118-f7a5a28.json",
                "%1B%5B31m/my-app-20250721-2118-f7a5a28.json",
                "x".repeat(1100),
                "my-app-20250721-2118-f7a5a27.json");
    try (FaultProxy server = FaultProxy.alone()) {
      Map<String, String> xml = Map.of("Content-Type", "application/xml");
      server.spoil(
          100,
          request -> request.target().contains("202507"),
          new FaultProxy.Fault.Answer(200, xml, list.formatted(keys)));
      server.spoil(
          100, request -> true, new FaultProxy.Fault.Answer(200, xml, list.formatted(folders)));
      onS3(server.endpoint().toString());
      assertThat(soon("list apps").ok().line()).isEqualTo("my-app");
      String images = soon("list images my-app --month 202507").ok().out();
      assertThat(images).startsWith(REF).doesNotContain("f7a5a28", "\u001b");
    }
  }

  private void onS3(String endpoint) {
    user.with("S3DOCK_BUCKET", "images")
        .with("AWS_ENDPOINT_URL", endpoint)
        .with("AWS_REGION", "us-east-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipe", "device", "link", "loop", "folder"})
  void what_is_no_file_is_no_object(String kind) throws Exception {
    for (String key : List.of(METADATA, POINTER, VERSION, EVENT, REPORT)) {
      Path place = store.resolve(key);
      Files.createDirectories(place.resolveSibling(""));
      Path aside = folder.resolve("aside");
      Files.deleteIfExists(aside);
      if (Files.exists(place)) {
        Files.move(place, aside);
      }
      switch (kind) {
        case "pipe" ->
            assertThat(new ProcessBuilder("mkfifo", place + "").start().waitFor()).isZero();
        case "device" -> Files.createSymbolicLink(place, Path.of("/dev/zero"));
        case "link" -> Files.createSymbolicLink(place, Path.of("/etc/passwd"));
        case "loop" -> Files.createSymbolicLink(place, place);
        default -> Files.createDirectory(place);
      }
      for (String line : READERS) {
        User.Result result = soon(line);
        assertThat(result.exitCode()).as(line + ": " + result.err()).isIn(0, 3, 5);
        assertThat(result.out() + result.err()).doesNotContain("root:");
      }
      Files.delete(place);
      if (Files.exists(aside)) {
        Files.move(aside, place);
      }
    }
  }

  @Test
  void links_between_folders_are_not_followed() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.copy(store.resolve(METADATA), outside.resolve("my-app-20250721-2118-f7a5a28.json"));
    Files.createSymbolicLink(store.resolve("images/my-app/202508"), outside);
    Files.createSymbolicLink(store.resolve("images/my-app/202509"), store.resolve("images"));
    Files.createSymbolicLink(store.resolve("images/loop"), store.resolve("images"));
    assertThat(soon("list images my-app").ok().out()).doesNotContain("f7a5a28").contains("f7a5a27");
    assertThat(soon("list apps").ok().line()).isEqualTo("my-app");
  }

  private User.Result soon(String line) {
    return assertTimeoutPreemptively(SOON, () -> user.s3dock(line.split(" ")), line);
  }

  private void put(String key, String text) throws IOException {
    Files.createDirectories(store.resolve(key).resolveSibling(""));
    Files.write(store.resolve(key), text.getBytes(UTF_8));
  }
}
