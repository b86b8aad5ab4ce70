package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.SameFiles;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code pull --to FILE}: what is there already is not fetched, and wrong bytes never stay. */
@Order(3)
class PullToFileTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String NEXT = "my-app:20250722-0900-abcdef0";
  private static final int MIB = 1 << 20;
  private static final int RANGE = 8 * MIB;

  @TempDir Path folder;
  private final S3Server server = S3Servers.s3Mock();
  private String bucket = S3Servers.newBucket(server);

  /** Three ranges that are fetched, and one that stalls. */
  private static final int SIZE = 3 * RANGE + 2 * MIB;

  private static final byte[] NOISE = noise();
  private static String withOld = "";

  private final byte[] content = NOISE.clone();
  private User user;
  private Path target;

  @BeforeEach
  void makeImage() throws IOException {
    user = userOf(server.endpoint());
    target = Files.createDirectories(folder.resolve("target")).resolve("x.tar.gz");
  }

  private static byte[] noise() {
    byte[] noise = Noise.of(1, SIZE);
    return noise;
  }

  private User userOf(URI endpoint) {
    return new User(folder)
        .with("S3DOCK_BUCKET", bucket)
        .with("AWS_ENDPOINT_URL", endpoint.toString())
        .with("AWS_REGION", server.region())
        .with("AWS_ACCESS_KEY_ID", server.accessKey())
        .with("AWS_SECRET_ACCESS_KEY", server.secretKey());
  }

  private static ImageSpec spec(byte[] content, String top) {
    return ImageSpec.empty().withFile("data", content).withFile("top", top);
  }

  private void push(String reference, ImageSpec spec, String... more) {
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), spec, reference);
    user.s3dock(
            Stream.concat(Stream.of("push", reference, "--from", image.toString()), Stream.of(more))
                .toArray(String[]::new))
        .ok();
  }

  /** One bucket for all tests that read alone. */
  private void useOld() {
    if (withOld.isEmpty()) {
      push(REF, spec(NOISE, "old"));
      withOld = bucket;
    }
    bucket = withOld;
    user = userOf(server.endpoint());
  }

  private JsonNode pull(User by, String reference) {
    return pull(by, reference, target).ok().json().path("data");
  }

  private static User.Result pull(User by, String reference, Path to) {
    return by.s3dock("pull", "my-app", reference.split(":")[1], "--json", "--to", to.toString());
  }

  private void assertTargetIs(String reference) {
    Path fresh = folder.resolve("fresh.tar.gz");
    pull(user, reference, fresh).ok();
    SameFiles.require(target, fresh);
    assertThat(fresh.toFile().delete()).isTrue();
  }

  private List<Path> filesBesideTarget() throws IOException {
    try (Stream<Path> files = Files.list(target.resolveSibling("."))) {
      return files.filter(file -> !file.endsWith(target.getFileName())).toList();
    }
  }

  private static boolean isRange(Request request) {
    return request.method().equals("GET") && request.headers().containsKey("range");
  }

  private static long start(Request request) {
    return Long.parseLong(
        request.headers().getOrDefault("range", "").replaceAll("bytes=(\\d+)-.*", "$1"));
  }

  @Test
  void over_the_archive_of_the_version_before_only_what_is_new_is_fetched() throws IOException {
    push(REF, spec(content, "old"));
    pull(user, REF);
    content[20 * MIB] ^= 1;
    push(NEXT, spec(content, "new"));

    JsonNode next = pull(user, NEXT);

    assertThat(next.path("bytes_fetched").longValue()).isBetween(1L, 6L * MIB);
    assertThat(next.path("bytes_saved").longValue()).isGreaterThan(SIZE - 6L * MIB);
    assertTargetIs(NEXT);
    JsonNode again = pull(user, NEXT);
    assertThat(again.path("skipped").booleanValue()).isTrue();
    assertThat(again.path("bytes_fetched").longValue()).isZero();
    assertThat(filesBesideTarget()).isEmpty();
  }

  @Test
  void over_a_file_that_is_no_archive_all_is_fetched() throws IOException {
    useOld();
    Files.writeString(target, "notes");

    JsonNode pulled = pull(user, REF);

    assertThat(pulled.path("bytes_fetched")).isEqualTo(pulled.path("size"));
    assertTargetIs(REF);
  }

  @Test
  void into_the_layout_of_the_version_before_only_changed_layers_are_fetched() {
    push(REF, spec(content, "old"));
    push(NEXT, spec(content, "new"));
    Path layout = folder.resolve("layout");
    user.s3dock("pull", "my-app", REF.split(":")[1], "--to", layout + "/").ok();

    JsonNode next = pull(user, NEXT, layout).ok().json().path("data");

    assertThat(next.path("bytes_fetched").longValue()).isLessThan(10_000);
    assertThat(next.path("bytes_saved").longValue()).isGreaterThan(SIZE - MIB);
  }

  /** A process that pulls through the proxy, and has fetched all ranges but the last. */
  private Process stalled(FaultProxy proxy, Path output) throws Exception {
    proxy.spoil(
        Integer.MAX_VALUE,
        request -> isRange(request) && start(request) >= 3 * RANGE,
        new Fault.Stall(1000));
    Process process =
        userOf(proxy.endpoint())
            .start(256, output, "pull", "my-app", REF.split(":")[1], "--to", target.toString());
    Eventually.holds(
        "three ranges are fetched",
        () -> {
          assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
          return journalLines() >= 3 + 3;
        });
    return process;
  }

  private long journalLines() throws IOException {
    Path journal = target.resolveSibling(".x.tar.gz.s3dock-resume");
    return Files.exists(journal) ? Files.readString(journal).lines().count() : 0;
  }

  @ParameterizedTest
  @CsvSource({"KILL, 137", "INT, 130"})
  void what_an_interrupted_pull_has_fetched_is_not_fetched_again(String signal, int exitCode)
      throws Exception {
    useOld();
    Path output = folder.resolve("output");
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      Process process = stalled(proxy, output);
      signal(process, signal);
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(exitCode);
    }
    assertThat(target).doesNotExist();

    JsonNode pulled = pull(user, REF);

    assertThat(pulled.path("bytes_saved").longValue()).isEqualTo(3L * RANGE);
    assertThat(pulled.path("bytes_fetched").longValue())
        .isEqualTo(pulled.path("size").longValue() - 3L * RANGE);
    assertTargetIs(REF);
    assertThat(filesBesideTarget()).isEmpty();
  }

  private static void signal(Process process, String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
  }

  private void interrupt() throws Exception {
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      Process process = stalled(proxy, folder.resolve("output"));
      process.destroyForcibly().waitFor();
    }
    assertThat(filesBesideTarget()).hasSize(2);
  }

  @Test
  void another_archive_than_that_of_the_interrupted_pull_is_fetched_from_its_start()
      throws Exception {
    push(REF, spec(content, "old"));
    interrupt();
    push(REF, spec(content, "mended"));

    JsonNode pulled = pull(user, REF);

    assertThat(pulled.path("bytes_fetched")).isEqualTo(pulled.path("size"));
    assertTargetIs(REF);
    assertThat(filesBesideTarget()).isEmpty();
  }

  /** As after a power failure, when the journal is on the disk and the bytes are not. */
  @Test
  void bytes_that_are_not_what_the_journal_says_are_fetched_again() throws Exception {
    useOld();
    interrupt();
    for (Path file : filesBesideTarget()) {
      if (file.toString().endsWith(".s3dock-part")) {
        Files.write(file, new byte[3 * RANGE]);
      }
    }

    JsonNode pulled = pull(user, REF);

    assertThat(pulled.path("bytes_saved").longValue()).isZero();
    assertThat(pulled.path("bytes_fetched").longValue())
        .isGreaterThan(pulled.path("size").longValue());
    assertTargetIs(REF);
    assertThat(filesBesideTarget()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'nonsense'",
    "'s3dock part 1\n../../x\nwanted\n0 5\n'",
    "'s3dock part 1\n0123456789abcdef\nwanted\n0 5\n'",
    "'s3dock part 1\n0123456789abcdef\nwanted\n0 99999999999999999999\n-1 b\n'"
  })
  void a_journal_that_makes_no_sense_is_passed_over(String journal) throws Exception {
    push(REF, spec(new byte[100], "old"));
    Files.writeString(target.resolveSibling(".x.tar.gz.s3dock-resume"), journal);

    pull(user, REF);

    assertTargetIs(REF);
    assertThat(filesBesideTarget()).isEmpty();
  }

  @Test
  void a_second_pull_to_the_same_file_at_the_same_time_does_not_meet_the_first() throws Exception {
    useOld();
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      Process first = stalled(proxy, folder.resolve("output"));

      JsonNode second = pull(user, REF);

      assertThat(second.path("bytes_fetched")).isEqualTo(second.path("size"));
      assertTargetIs(REF);
      assertThat(journalLines()).isEqualTo(6);
      signal(first, "KILL");
      first.waitFor();
    }
    assertThat(pull(user, REF).path("skipped").booleanValue()).isTrue();
    assertThat(filesBesideTarget()).isEmpty();
  }

  @Test
  void an_archive_that_is_replaced_meanwhile_is_read_from_its_start() throws Exception {
    push(REF, spec(content, "old"));
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint())) {
      AtomicBoolean replaced = new AtomicBoolean();
      Predicate<Request> replacing =
          request -> {
            if (isRange(request) && start(request) == 2 * RANGE && !replaced.getAndSet(true)) {
              push(REF, spec(content, "replaced"));
            }
            return false;
          };
      proxy.spoil(1, replacing, new Fault.Disconnect());

      pull(userOf(proxy.endpoint()), REF);

      assertThat(replaced).isTrue();
    }
    assertTargetIs(REF);
    assertThat(filesBesideTarget()).isEmpty();
  }
}
