package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.cli.page.Costs;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.store.GeneratedBucket;
import dev.s3dock.testing.store.GeneratedS3;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What commands ask of a bucket that has grown: the requests of whole commands, counted by a server
 * whose bucket is computed. {@code bench/scale} does the same at full size.
 */
class ScaleTest {
  private static final String BIG = GeneratedBucket.BIG;

  @TempDir Path folder;
  private final Instant now = Instant.now();
  private final GeneratedBucket bucket = new GeneratedBucket(100, 1_000, 10_000, now);
  private GeneratedS3 server = serve(bucket);

  private static GeneratedS3 serve(GeneratedBucket bucket) {
    try {
      return new GeneratedS3(bucket);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private User user() {
    return new User(folder)
        .with("S3DOCK_BUCKET", "generated")
        .with("AWS_REGION", "us-east-1")
        .with("AWS_ENDPOINT_URL", server.endpoint().toString());
  }

  private Map<String, Long> requests(String... command) {
    server.counted();
    user().s3dock(command).ok();
    return server.counted();
  }

  @Test
  void current_takes_two_reads() {
    assertThat(requests("current", BIG, "production")).isEqualTo(Map.of("GET", 2L));
    assertThat(requests("current", BIG, "staging")).isEqualTo(Map.of("GET", 1L));
  }

  @Test
  void a_list_reads_what_it_shows() {
    assertThat(requests("list", "apps")).isEqualTo(Map.of("LIST", 3L));
    assertThat(requests("list", "images", BIG)).isEqualTo(Map.of("LIST", 1 + months("images/")));
    assertThat(requests("list", "images", BIG, "--month", month())).isEqualTo(Map.of("LIST", 1L));
    assertThat(requests("list", "tags", BIG)).isEqualTo(Map.of("LIST", 1L, "GET", 10L));
    assertThat(requests("list", "envs", BIG)).isEqualTo(Map.of("LIST", 1L, "GET", 3L));
  }

  @Test
  void an_app_that_is_not_there_is_told_though_nobody_looks_for_it_first() {
    for (String what : List.of("tags", "envs")) {
      for (String format : List.of("--quiet", "--json")) {
        User.Result result = user().s3dock("list", what, "absent", format);
        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(3);
        assertThat(result.out() + result.err()).contains("no app absent");
      }
    }
  }

  private long months(String root) {
    return bucket.folders(root + BIG + "/").count();
  }

  private String month() {
    return now.toString().substring(0, 7).replace("-", "");
  }

  @Test
  void the_audit_of_a_day_reads_no_more_than_that_and_the_hours_around_it() {
    Map<String, Long> requests = requests("audit", BIG, "--since", "1d");
    assertThat(requests.get("LIST")).isLessThanOrEqualTo(3L);
    assertThat(requests.get("GET")).isLessThanOrEqualTo(4L);
  }

  @Test
  void a_history_reads_the_promotions_and_no_pushes() {
    assertThat(requests("history", BIG, "production"))
        .isEqualTo(Map.of("LIST", 1 + months("audit/"), "GET", 1_000L / 10 + 2));
  }

  @Test
  void a_cleanup_reads_as_much_of_the_trail_as_it_takes_to_know_the_last_targets() {
    Map<String, Long> requests = requests("cleanup", BIG, "--keep-last", "20");
    assertThat(requests.get("GET")).isLessThan(10 + 2 + 2 + 45L); // of 100 promotions
    assertThat(requests.get("LIST")).isLessThan(25L);
    assertThat(requests.get("LIST UPLOADS")).isEqualTo(3L);
  }

  @Test
  void without_a_rule_a_cleanup_reads_nothing() {
    assertThat(requests("cleanup", BIG)).isEqualTo(Map.of("LIST", 5L, "LIST UPLOADS", 3L));
  }

  @Test
  void what_is_asked_of_one_app_does_not_grow_with_the_others() {
    Map<String, Long> before = ofOneApp();
    server.close();
    server = serve(new GeneratedBucket(20, 1_000, 10_000, now));
    assertThat(ofOneApp()).isEqualTo(before);
  }

  private Map<String, Long> ofOneApp() {
    Map<String, Long> sum = new HashMap<>();
    for (List<String> command :
        List.of(
            List.of("current", BIG, "production"),
            List.of("list", "images", BIG),
            List.of("list", "tags", BIG),
            List.of("list", "envs", BIG),
            List.of("audit", BIG, "--since", "30d"),
            List.of("history", BIG, "staging"),
            List.of("cleanup", BIG, "--older-than", "90d"))) {
      requests(command.toArray(String[]::new)).forEach((kind, n) -> sum.merge(kind, n, Long::sum));
    }
    return sum;
  }

  @Test
  void a_small_heap_is_enough() throws Exception {
    server.close();
    server = serve(new GeneratedBucket(1_000, 20_000, 100_000, now));
    for (List<String> command :
        List.of(
            List.of("list", "apps"),
            List.of("list", "images", BIG),
            List.of("audit", BIG, "--since", "1d"),
            List.of("history", BIG, "production"),
            List.of("cleanup", BIG, "--keep-last", "20"))) {
      Measurement measured =
          Measurement.of(user(), folder, server, 24, command.toArray(String[]::new));
      assertThat(measured.lines()).as(command.toString()).isPositive();
    }
  }

  @Test
  void a_real_store_is_asked_the_same() throws Exception {
    server.close();
    GeneratedBucket small = new GeneratedBucket(3, 60, 600, now);
    server = serve(small);
    S3Server real = S3Servers.s3Mock();
    String name = S3Servers.newBucket(real);
    try (S3Client client = S3Servers.client(real)) {
      small
          .objects("", "")
          .forEach(
              entry ->
                  client.putObject(
                      request -> request.bucket(name).key(entry.key()),
                      RequestBody.fromString(entry.text().get())));
    }
    try (FaultProxy proxy = FaultProxy.inFrontOf(real.endpoint())) {
      User there =
          user()
              .with("S3DOCK_BUCKET", name)
              .with("AWS_REGION", real.region())
              .with("AWS_ACCESS_KEY_ID", real.accessKey())
              .with("AWS_SECRET_ACCESS_KEY", real.secretKey())
              .with("AWS_ENDPOINT_URL", proxy.endpoint().toString());
      String app = GeneratedBucket.FROZEN;
      for (List<String> command :
          List.of(
              List.of("current", app, "production"),
              List.of("list", "apps"),
              List.of("list", "images", app),
              List.of("list", "tags", app),
              List.of("list", "envs", app),
              List.of("audit", app, "--since", "30d"),
              List.of("history", app, "frozen"),
              List.of("cleanup", app))) {
        int from = proxy.requests().size();
        String[] words = command.toArray(String[]::new);
        String shown = there.s3dock(words).ok().out();
        Map<String, Long> counted =
            Costs.count(proxy.requests().subList(from, proxy.requests().size()));
        server.counted();
        assertThat(user().s3dock(words).ok().out()).as(command.toString()).isEqualTo(shown);
        assertThat(server.counted()).as(command.toString()).isEqualTo(counted);
      }
    }
  }
}
