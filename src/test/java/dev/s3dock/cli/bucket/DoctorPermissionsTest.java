package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.Verb;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each permission is denied in turn: the action that lacks is named. */
class DoctorPermissionsTest {
  private static final int ALWAYS = Integer.MAX_VALUE;
  private static final String REF = "my-app:20250721-2118-f7a5a27";

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "promoter | LIST          | s3:ListBucket                 | list, list back, pointers",
        "promoter | PUT           | s3:PutObject                  | put",
        "promoter | PUT_POINTERS  | s3:PutObject                  | write pointers/",
        "publisher | COPY         | s3:PutObject                  | copy, engine",
        "publisher | CREATE_UPLOAD | s3:PutObject                 | write archive/, upload in parts, engine",
        "publisher | UPLOAD_PART  | s3:PutObject                  | upload in parts, engine",
        "publisher | COPY_PART    | s3:GetObject                  | copy of parts, engine",
        "cleaner  | LIST_UPLOADS  | s3:ListBucketMultipartUploads | list uploads"
      })
  void a_permission_that_lacks_is_named(String role, Verb verb, String action, String failures) {
    proxy.spoil(ALWAYS, verb::isVerbOf, DoctorFaultsTest.error(403, "AccessDenied"));
    String[] expected = failures.split(", ");
    DoctorFixture.Report report = fixture.doctor("--role", role).exits(7).fails(expected);
    assertThat(report.says(expected[0])).contains("AccessDenied", action);
    assertThat(fixture.left()).isEmpty();
  }

  @Test
  void without_get_nothing_can_be_read() {
    Path image = TestImages.dockerSave(folder.resolve("i.tar"), ImageSpec.small(), REF);
    fixture.user().s3dock("push", REF, "--from", image.toString()).ok();
    var before = fixture.left();
    proxy.spoil(ALWAYS, Verb.GET::isVerbOf, DoctorFaultsTest.error(403, "AccessDenied"));
    assertThat(fixture.doctor("--role", "reader").exits(7).says("get")).contains("s3:GetObject");
    assertThat(fixture.doctor("--role", "promoter").exits(7).checks("failure"))
        .startsWith("get", "get back", "if-none-match", "if-match");
    assertThat(fixture.left()).isEqualTo(before);
  }

  @Test
  void what_may_not_be_removed_is_named() {
    proxy.spoil(ALWAYS, Verb.DELETE::isVerbOf, DoctorFaultsTest.error(403, "AccessDenied"));
    DoctorFixture.Report report = fixture.doctor("--role", "promoter").exits(7);
    report.fails("if-match on delete", "delete");
    assertThat(report.says("delete")).contains("s3:DeleteObject");
    assertThat(report.says("scratch")).startsWith("warning: temporary/doctor/");
    assertThat(fixture.left()).isNotEmpty().allMatch(key -> key.startsWith("temporary/doctor/"));
  }

  @Test
  void a_publisher_can_do_without_abort_and_a_cleaner_cannot() {
    proxy.spoil(ALWAYS, Verb.ABORT::isVerbOf, DoctorFaultsTest.error(403, "AccessDenied"));
    assertThat(fixture.doctor().fails("engine").says("abort"))
        .startsWith("warning: ")
        .contains("s3:AbortMultipartUpload", "lifecycle");
    fixture.doctor("--role", "cleaner").exits(7).fails("abort");
  }
}
