package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.Ceph;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the doctor finds where all is well with the bucket, and on a machine where it is not. */
class DoctorCommandTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String METADATA = "images/my-app/202507/my-app-20250721-2118-f7a5a27.json";

  @TempDir Path folder;

  static Stream<S3Server> servers() {
    return Stream.of(S3Servers.s3Mock(), S3Servers.s3Proxy());
  }

  private static void publish(User user, Path folder) {
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", image.toString()).ok();
    user.s3dock("promote", REF, "production").ok();
  }

  @ParameterizedTest
  @MethodSource("servers")
  void a_bucket_without_fault_passes_for_each_role_and_is_left_as_it_was(S3Server server) {
    DoctorFixture fixture = new DoctorFixture(folder, server);
    publish(fixture.user(), folder);
    List<String> before = fixture.left();
    fixture.doctor("--role", "promoter").exits(0).fails();
    fixture.doctor("--role", "cleaner").exits(0).fails();
    fixture.doctor("--role", "reader").exits(6).fails("engine");
    DoctorFixture.Report publisher = fixture.doctor().exits(6).fails("engine");
    assertThat(publisher.checks("ok"))
        .containsSubsequence(
            "configuration",
            "endpoint",
            "credentials",
            "bucket",
            "region",
            "clock",
            "list",
            "get",
            "put",
            "if-none-match",
            "if-match",
            "write images/",
            "write archive/",
            "write audit/",
            "if-match on get",
            "delete",
            "upload in parts",
            "etag",
            "range",
            "copy of parts",
            "copy",
            "abort",
            "pointers",
            "git",
            "temporary files",
            "cache",
            "chunk cache");
    assertThat(publisher.says("pointers")).contains("1 of 1 app ", "s3dock verify --all");
    assertThat(fixture.left()).isEqualTo(before);
  }

  @Test
  @Tag("ceph")
  void a_bucket_on_ceph_passes_too() {
    a_bucket_without_fault_passes_for_each_role_and_is_left_as_it_was(Ceph.server());
  }

  @ParameterizedTest
  @CsvSource({"S3Mock, honoured", "S3Proxy, ignored"})
  void where_stores_differ_it_tells(String name, String conditionalDelete) {
    S3Server server = servers().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
    DoctorFixture fixture = new DoctorFixture(folder, server);
    assertThat(fixture.doctor("--role", "promoter").exits(0).says("if-match on delete"))
        .startsWith("ok: " + conditionalDelete);
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void a_reader_is_examined_without_a_write() throws IOException {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    publish(fixture.user(), folder);
    try (FaultProxy proxy = FaultProxy.inFrontOf(S3Servers.s3Mock().endpoint())) {
      fixture.at(proxy.endpoint()).doctor("--role", "reader").fails("engine");
      assertThat(proxy.requests()).isNotEmpty();
      assertThat(proxy.requests())
          .allSatisfy(request -> assertThat(request.method()).isIn("GET", "HEAD"));
    }
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(file -> !file.startsWith(".s3dock/locks/"))
          .sorted()
          .toList();
    }
  }

  @Test
  void a_folder_is_examined_as_a_bucket_is() throws IOException {
    Path store = folder.resolve("store");
    User user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    assertThat(user.s3dock("doctor", "--role", "promoter").ok().out())
        .contains("warning\tbucket\tthe folder " + store + " does not exist yet");
    assertThat(store).doesNotExist();
    publish(user, folder);
    List<String> before = files(store);
    for (String role : List.of("promoter", "cleaner", "publisher")) {
      assertThat(user.s3dock("doctor", "--role", role).out())
          .contains("ok\tif-match\t", "ok\tput\t", "ok\tclock\t", "ok\tbucket's disk\t")
          .doesNotContain("failure\tput", "failure\tlist");
    }
    assertThat(files(store)).isEqualTo(before);
  }

  @Test
  void a_folder_that_is_none_is_a_failure() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    User user = new User(folder).with("S3DOCK_BUCKET", file.toUri().toString());
    User.Result result = user.s3dock("doctor", "--role", "promoter");
    assertThat(result.exitCode()).as(result.out()).isEqualTo(7);
    assertThat(result.out()).contains("failure\tbucket\t" + file);
  }

  @Test
  void an_environment_that_leads_nowhere_is_an_integrity_failure() throws IOException {
    Path store = folder.resolve("store");
    User user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    publish(user, folder);
    Files.delete(store.resolve(METADATA));
    User.Result result = user.s3dock("doctor", "--role", "promoter");
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.out())
        .contains("failure\tpointers\tpointers/my-app/production.json leads to");
    Files.writeString(store.resolve("pointers/my-app/production.json"), "\u001b[2J no JSON");
    User.Result damaged = user.s3dock("doctor", "--role", "promoter");
    assertThat(damaged.exitCode()).isEqualTo(5);
    assertThat(damaged.out()).contains("failure\tpointers\t").doesNotContain("\u001b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{bukket: 'x'} | 2 | bukket",
        "{profiles: {default: {bucket: 'x'}}, docker: {compression: 'lzma'}} | 2 | lzma",
        "{default_profile: 'prod'} | 3 | no profile 'prod'",
        "{ | 2 | s3dock.json5"
      })
  void a_configuration_that_cannot_be_honoured_is_a_finding_beside_what_needs_none(
      String json5, int exitCode, String words) throws IOException {
    User user = new User(folder);
    Files.writeString(user.workingDirectory().resolve("s3dock.json5"), json5);
    User.Result result = user.s3dock("doctor");
    assertThat(result.exitCode()).as(result.out()).isEqualTo(exitCode);
    assertThat(result.out().lines().findFirst().orElseThrow())
        .startsWith("failure\tconfiguration\t")
        .contains(words);
    assertThat(result.out()).contains("ok\tgit\t");
  }

  @Test
  void without_a_bucket_the_ways_to_name_one_are_told() {
    User.Result result = new User(folder).s3dock("doctor", "--role", "promoter");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).contains("failure\tbucket\tno bucket is set: use --bucket");
    assertThat(result.err()).contains("cannot do the job of a promoter").hasLineCount(1);
  }

  @Test
  void a_file_of_secrets_that_others_can_read_is_a_warning() throws IOException {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    Path file = fixture.user().workingDirectory().resolve("s3dock.json5");
    Files.writeString(
        file,
        "{profiles: {default: {access_key: 'AKIAPLANTEDFILE1', secret_key: 'planted-file-secret'}}}");
    Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(fixture.doctor("--role", "promoter").exits(0).checks("warning"))
        .contains("configuration");
    fixture.user().with("AWS_ACCESS_KEY_ID", "").with("AWS_SECRET_ACCESS_KEY", "");
    assertThat(fixture.doctor("--role", "promoter").says("credentials"))
        .isEqualTo("ok: access key ****ILE1, from the profile default");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void no_secret_is_shown(String level) {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    String endpoint = String.valueOf(S3Servers.s3Mock().endpoint());
    User user =
        fixture
            .user()
            .with("AWS_ACCESS_KEY_ID", "AKIAPLANTEDKEY00")
            .with("AWS_SECRET_ACCESS_KEY", "planted/secret/0")
            .with("AWS_SESSION_TOKEN", "planted-token-0");
    for (String format : List.of("--timeout=60s", "--json")) {
      for (String bucket : List.of(fixture.bucket(), "absent-bucket")) {
        User.Result result =
            user.s3dock("doctor", "--role", "cleaner", "-l", level, "-b", bucket, format);
        assertThat(result.out()).contains("****EY00");
        assertThat(result.out() + result.err())
            .doesNotContain("AKIAPLANTED", "planted/secret", "planted-token");
      }
    }
    User.Result refused =
        user.with("AWS_ENDPOINT_URL", endpoint.replace("//", "//user:planted-password@"))
            .s3dock("doctor", "--role", "cleaner", "-l", level);
    assertThat(refused.out()).contains("contains a user name");
    assertThat(refused.out() + refused.err())
        .doesNotContain("AKIAPLANTED", "planted/secret", "planted-token", "planted-password");
  }

  @Test
  void a_cache_that_cannot_be_written_is_a_warning_and_temporary_files_are_needed()
      throws IOException {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    String file = Files.createFile(folder.resolve("a-file")).toString();
    fixture.user().with("XDG_CACHE_HOME", file).with("TMPDIR", file);
    DoctorFixture.Report report = fixture.doctor().exits(6).fails("engine", "temporary files");
    assertThat(report.says("cache")).startsWith("warning: " + file).contains("XDG_CACHE_HOME");
    assertThat(report.says("temporary files")).contains("set TMPDIR");
  }

  @Test
  void without_git_a_publisher_cannot_work_and_a_promoter_can() throws Exception {
    User user = new User(folder).with("S3DOCK_BUCKET", folder.toUri().toString());
    user.with("PATH", folder.toString());
    for (String role : List.of("publisher", "promoter")) {
      Path output = folder.resolve(role + ".json");
      Process process = user.start(128, output, "doctor", "--role", role, "--json");
      int exitCode = process.waitFor();
      String said = Files.readString(output);
      DoctorFixture.Report report = new DoctorFixture.Report(new User.Result(exitCode, said, ""));
      if (role.equals("publisher")) {
        assertThat(report.exits(6).fails("engine", "git").says("git")).contains("install it");
      } else {
        assertThat(report.exits(0).says("git")).startsWith("warning: cannot run git");
      }
    }
  }

  @Test
  void the_load_balancers_of_this_host_are_asked_by_their_drivers() throws IOException {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    Files.writeString(
        fixture.user().workingDirectory().resolve("s3dock.json5"),
        """
        {deploy: {
          'my-app': {port: 8080, traffic: {driver: 'haproxy', backend: 'b', socket: '%s/absent.sock'}},
          other: {port: 8080, environments: {staging: {traffic: {driver: 'haproxy'}}}},
        }}"""
            .formatted(folder));
    DoctorFixture.Report report = fixture.doctor("--role", "promoter").exits(0);
    assertThat(report.says("deploy my-app")).startsWith("warning: ").contains("absent.sock");
    assertThat(report.says("deploy other in staging"))
        .startsWith("warning: ")
        .contains("traffic.backend");
  }

  @Test
  void on_a_terminal_it_is_a_table_and_in_json_an_envelope() {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    assertThat(fixture.user().onTerminal().s3dock("doctor", "--role", "promoter").ok().out())
        .startsWith("VERDICT ");
    User.Result json = fixture.doctor().result();
    assertThat(json.json().at("/data/role").asText()).isEqualTo("publisher");
    assertThat(json.json().path("success").asBoolean()).isFalse();
    assertThat(json.json().path("error").asText()).contains("the first is 'engine'");
    assertThat(json.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "doctor --role nurse, nurse",
    "doctor --timeout soon, soon",
    "doctor --host web-1, --policy reader",
    "doctor --policy publisher --host web-1, --policy reader"
  })
  void a_mistake_is_told(String line, String hint) {
    User.Result result =
        new User(folder).with("S3DOCK_BUCKET", folder.toUri().toString()).s3dock(line.split(" "));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(hint);
  }
}
