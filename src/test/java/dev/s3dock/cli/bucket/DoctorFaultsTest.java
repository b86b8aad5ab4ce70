package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.Verb;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One thing is wrong with the store, each in turn: it is named, and no scratch object stays. */
class DoctorFaultsTest {
  private static final int ALWAYS = Integer.MAX_VALUE;

  /** What does not hang gets done in that time, also where the machine is busy. */
  private static final String WITH_PEACE = "12s";

  @TempDir Path folder;
  private final S3Server server = S3Servers.s3Mock();
  private DoctorFixture fixture;
  private FaultProxy proxy;

  @BeforeEach
  void stand() throws IOException {
    fixture = new DoctorFixture(folder, server);
    proxy = FaultProxy.inFrontOf(server.endpoint());
    fixture.at(proxy.endpoint());
  }

  @AfterEach
  void leave() {
    proxy.close();
  }

  static Fault error(int status, String code) {
    return new Fault.Answer(
        status,
        Map.of("Content-Type", "application/xml"),
        "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
  }

  @Test
  void a_refused_connection_is_told_once() {
    fixture.at(URI.create("http://127.0.0.1:1"));
    DoctorFixture.Report report = fixture.doctor("--role", "promoter").exits(7).fails("bucket");
    assertThat(report.says("bucket")).contains("no connection", "127.0.0.1:1", "endpoint");
  }

  @Test
  void wrong_credentials_are_told_as_such() {
    DoctorFixture other = new DoctorFixture(folder.resolve("other"), S3Servers.s3Proxy());
    other.user().with("AWS_SECRET_ACCESS_KEY", "not-the-secret");
    DoctorFixture.Report report = other.doctor("--role", "promoter").exits(7).fails("bucket");
    assertThat(report.says("bucket")).contains("the credentials are wrong");
  }

  @Test
  void a_bucket_that_is_not_there_is_told_as_such() {
    fixture.user().with("S3DOCK_BUCKET", "absent");
    assertThat(fixture.doctor("--role", "promoter").exits(7).fails("bucket").says("bucket"))
        .contains("no such bucket");
  }

  private static boolean asksForTheBucket(Request request) {
    return request.method().equals("HEAD") && request.target().matches("/[^/?]+");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400})
  void the_right_region_is_named(int status) {
    Fault wrong = new Fault.Answer(status, Map.of("x-amz-bucket-region", "eu-west-1"), "");
    proxy.spoil(ALWAYS, request -> true, wrong);
    DoctorFixture.Report report = fixture.doctor("--role", "promoter").exits(7).fails("region");
    assertThat(report.says("region")).contains("eu-west-1", "not us-east-1");
  }

  @Test
  void another_region_that_works_all_the_same_is_a_warning() {
    proxy.spoil(
        ALWAYS,
        DoctorFaultsTest::asksForTheBucket,
        new Fault.Answer(200, Map.of("x-amz-bucket-region", "eu-west-1"), ""));
    assertThat(fixture.doctor("--role", "promoter").exits(0).says("region"))
        .isEqualTo(
            "warning: the bucket is in eu-west-1, but the configured region is us-east-1;"
                + " set the region to eu-west-1");
  }

  @ParameterizedTest
  @CsvSource({"-20, 7, failure", "-5, 0, warning", "0, 0, ok", "5, 0, warning", "20, 7, failure"})
  void a_clock_that_is_wrong_is_measured(int minutes, int exitCode, String verdict) {
    Instant told = Clock.systemUTC().instant().plus(Duration.ofMinutes(minutes));
    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(told.atOffset(ZoneOffset.UTC));
    proxy.spoil(
        ALWAYS,
        DoctorFaultsTest::asksForTheBucket,
        new Fault.Answer(200, Map.of("Date", date), ""));
    String said = fixture.doctor("--role", "promoter").exits(exitCode).says("clock");
    assertThat(said).startsWith(verdict);
    if (minutes != 0) {
      assertThat(said).contains(minutes > 0 ? "behind that" : "ahead of that", "set it");
    }
  }

  private static boolean hasCondition(Request request) {
    return request.method().equals("PUT")
        && (request.headers().containsKey("if-match")
            || request.headers().containsKey("if-none-match"));
  }

  @Test
  void a_store_that_ignores_conditions_is_refused_and_the_real_folders_are_let_alone()
      throws IOException {
    proxy.spoil(
        ALWAYS,
        DoctorFaultsTest::hasCondition,
        new Fault.Answer(200, Map.of("ETag", "\"0123456789abcdef0123456789abcdef\""), ""));
    DoctorFixture.Report report = fixture.doctor("--role", "promoter").exits(4);
    report.fails("if-none-match", "if-match");
    assertThat(report.says("if-match")).contains("conditional_writes");
    assertThat(proxy.requests())
        .filteredOn(request -> !request.method().matches("GET|HEAD"))
        .isNotEmpty()
        .allMatch(request -> request.target().contains("/temporary/doctor/"));
    assertThat(proxy.requests()).filteredOn(DoctorFaultsTest::hasCondition).hasSize(2);
    assertThat(fixture.left()).isEmpty();

    Files.writeString(
        fixture.user().workingDirectory().resolve("s3dock.json5"),
        "{profiles: {default: {conditional_writes: 'off'}}}");
    assertThat(fixture.doctor("--role", "promoter").exits(0).checks("warning"))
        .contains("if-none-match", "if-match");
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void a_store_that_ignores_conditions_where_nothing_is_gets_no_write_in_the_real_folders() {
    Predicate<Request> onNothing =
        request -> hasCondition(request) && request.target().endsWith("-2");
    proxy.spoil(
        ALWAYS,
        onNothing,
        new Fault.Answer(200, Map.of("ETag", "\"0123456789abcdef0123456789abcdef\""), ""));
    fixture.doctor("--role", "promoter").exits(4).fails("if-match on nothing");
    assertThat(proxy.requests())
        .filteredOn(DoctorFaultsTest::hasCondition)
        .allMatch(request -> request.target().contains("/temporary/doctor/"));
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void an_overloaded_store_is_unavailable() {
    proxy.spoil(ALWAYS, request -> true, error(503, "SlowDown"));
    assertThat(fixture.doctor("--role", "promoter").exits(7).fails("bucket").says("bucket"))
        .contains("overloaded");
  }

  @Test
  void a_range_that_is_cut_short_is_told() {
    proxy.spoil(
        ALWAYS,
        request ->
            request.method().equals("GET")
                && request.headers().getOrDefault("range", "").startsWith("bytes=2"),
        new Fault.Truncate(10));
    assertThat(fixture.doctor().fails("range", "engine").says("range")).contains("ended early");
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void a_range_with_other_bytes_is_told() {
    proxy.spoil(
        ALWAYS,
        request ->
            request.method().equals("GET")
                && request.headers().getOrDefault("range", "").startsWith("bytes=2"),
        new Fault.Answer(200, Map.of("ETag", "\"0123456789abcdef0123456789abcdef\""), "all of it"));
    fixture.doctor().fails("range", "engine");
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void a_server_that_never_answers_does_not_hang_the_doctor() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      fixture.at(URI.create("http://127.0.0.1:" + silent.getLocalPort()));
      DoctorFixture.Report report =
          fixture.doctor("--role", "promoter", "--timeout", WITH_PEACE).exits(7).fails("bucket");
      assertThat(report.says("bucket")).contains("no answer within 12 s");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, LOST",
    "UPLOAD_PART, LOST",
    "COPY, LOST",
    "COPY, STALLED",
    "COPY_PART, STALLED",
    "CREATE_UPLOAD, RESET"
  })
  void what_was_written_before_an_answer_that_never_came_is_removed(Verb verb, String how) {
    proxy.spoil(
        ALWAYS,
        verb::isVerbOf,
        switch (how) {
          case "LOST" -> new Fault.LoseAnswer();
          case "STALLED" -> new Fault.Stall(0);
          default -> new Fault.Disconnect();
        });
    // no request must be under way when the doctor gives up and clears: it might come after that
    fixture.doctor("--timeout", how.equals("STALLED") ? WITH_PEACE : "5m").exits(7);
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void ctrl_c_removes_what_was_written() throws Exception {
    CountDownLatch listed = new CountDownLatch(1);
    proxy.spoil(
        ALWAYS,
        request -> {
          boolean back = request.target().contains("prefix=temporary");
          if (back) {
            listed.countDown();
          }
          return back;
        },
        new Fault.Stall(0));
    Path output = folder.resolve("output");
    Process doctor = fixture.user().start(256, output, "doctor", "--role", "promoter");
    assertThat(listed.await(5, TimeUnit.MINUTES)).isTrue();
    assertThat(fixture.left()).hasSize(1);
    new ProcessBuilder("kill", "-INT", "" + doctor.pid()).start().waitFor();
    assertThat(doctor.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(doctor.exitValue()).as(Files.readString(output)).isEqualTo(130);
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void an_engine_that_never_answers_is_unavailable() throws IOException {
    Path socket = folder.resolve("e.sock");
    Files.writeString(
        fixture.user().workingDirectory().resolve("s3dock.json5"), "{docker: {timeout: '1s'}}");
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(socket));
      fixture.user().with("DOCKER_HOST", "unix://" + socket);
      assertThat(fixture.doctor().exits(6).fails("engine").says("engine")).contains("e.sock");
    }
  }
}
