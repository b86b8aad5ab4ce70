package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One clear message, the right exit code, no stack trace, nothing half-visible. */
class BadInputTest {
  private static final String REF = "my-app:20250721-2118-f7a5a27";
  private static final String ARCHIVE = "images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz";
  private static final String METADATA = "images/my-app/202507/my-app-20250721-2118-f7a5a27.json";

  @TempDir Path folder;
  private User user;
  private Path store;
  private Path image;

  @BeforeEach
  void publish() {
    store = folder.resolve("store");
    user = new User(folder).with("S3DOCK_BUCKET", store.toUri().toString());
    image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), REF);
    user.s3dock("push", REF, "--from", image.toString()).ok();
    user.s3dock("tag", REF, "v1.2.0").ok();
    user.s3dock("promote", REF, "production").ok();
  }

  private User.Result fails(int exitCode, String... args) {
    User.Result result = user.s3dock(args);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().strip()).startsWith("s3dock: ").doesNotContain("\tat ", "Exception");
    return result;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "push my-app:latest | 2 | malformed image reference",
        "tag my-app:20250721-2118-f7a5a27 latest | 2 | latest",
        "tag my-app:20250721-2118-f7a5a27 20250721-2118-f7a5a27 | 2 | looks like the tag",
        "promote my-app:20250721-2118-f7a5a27 pro/duction | 2 | malformed environment",
        "current My_App production | 2 | malformed app name",
        "push | 2 | REF",
        "pusch my-app | 2 | push",
        "push my-app --bogus | 2 | --bogus",
        "list | 2 | apps, images, tags, envs, tag-for",
        "list images my-app --month July | 2 | YYYYMM",
        "--log-level 7 list apps | 2 | --log-level",
        "pull my-app production --keep 0 | 2 | --keep",
        "--bucket file:relative list apps | 2 | file:///",
        "current my-ap production | 3 | did you mean my-app?",
        "current my-app producton | 3 | did you mean production?",
        "promote my-app v1.2.1 production | 3 | did you mean v1.2.0?",
        "pull my-app 20250721-2118-f7a5a28 --to x | 3 | did you mean 20250721-2118-f7a5a27?",
        "list tags my-ap | 3 | did you mean my-app?",
        "--profile prod list apps | 3 | no profile 'prod'",
        "tag my-app:20250721-2118-f7a5a28 v9 | 3 | is not published",
        "--config absent.json5 list apps | 2 | config init",
        "push my-app:20250721-2118-f7a5a27 --from absent.tar | 1 | absent.tar",
        "pull my-app production | 6 | --to",
        "push my-app:20250721-2118-f7a5a27 | 6 | --from",
        "build my-app | 2 | Dockerfile"
      })
  void a_mistake_is_told_with_its_remedy(String line, int exitCode, String hint) {
    assertThat(fails(exitCode, line.split(" ")).err()).contains(hint);
  }

  @Test
  void without_a_bucket_the_ways_to_name_one_are_told() {
    user.with("S3DOCK_BUCKET", "");
    assertThat(fails(2, "list", "apps").err()).contains("--bucket", "config init");
  }

  @Test
  void a_stack_trace_is_shown_on_request() {
    assertThat(user.s3dock("current", "my-app", "nowhere", "-l", "3").err()).contains("\tat ");
  }

  @Test
  void a_truncated_archive_is_an_integrity_failure_and_leaves_no_file() throws IOException {
    byte[] bytes = Files.readAllBytes(store.resolve(ARCHIVE));
    Files.write(store.resolve(ARCHIVE), Arrays.copyOf(bytes, bytes.length - 20));
    Path target = folder.resolve("out.tar.gz");
    fails(5, "pull", "my-app", "production", "--to", target.toString());
    assertThat(target).doesNotExist();
  }

  @Test
  void a_forged_archive_is_an_integrity_failure() throws IOException {
    byte[] bytes = Files.readAllBytes(store.resolve(ARCHIVE));
    bytes[bytes.length / 2] ^= 1;
    Files.write(store.resolve(ARCHIVE), bytes);
    Path target = folder.resolve("out.tar.gz");
    assertThat(fails(5, "pull", "my-app", "production", "--to", target.toString()).err())
        .contains(ARCHIVE);
    assertThat(target).doesNotExist();
    fails(5, "pull", "my-app", "production", "--to", folder.resolve("layout") + "/");
    assertThat(folder.resolve("layout/index.json")).doesNotExist();
  }

  @Test
  void an_index_that_contradicts_its_archive_is_an_integrity_failure() throws IOException {
    String metadata = Files.readString(store.resolve(METADATA));
    Files.writeString(
        store.resolve(METADATA), metadata.replaceFirst("\"offset\": (\\d+)", "\"offset\": 1$1"));
    assertThat(fails(5, "pull", "my-app", "production", "--to", folder.resolve("l") + "/").err())
        .contains(METADATA);
  }

  @Test
  void a_damaged_archive_is_mended_by_the_push_that_the_message_asks_for() throws IOException {
    byte[] good = Files.readAllBytes(store.resolve(ARCHIVE));
    Files.write(store.resolve(ARCHIVE), Arrays.copyOf(good, 100));
    user.s3dock("push", REF, "--from", image.toString()).ok();
    assertThat(store.resolve(ARCHIVE)).hasBinaryContent(good);
    Files.delete(store.resolve(ARCHIVE));
    user.s3dock("push", REF, "--from", image.toString()).ok();
    assertThat(store.resolve(ARCHIVE)).hasBinaryContent(good);
    byte[] forged = good.clone();
    forged[forged.length / 2] ^= 1;
    Files.write(store.resolve(ARCHIVE), forged);
    assertThat(fails(5, "pull", "my-app", "production", "--to", folder.resolve("x") + "").err())
        .contains("--force");
    user.s3dock("push", REF, "--from", image.toString(), "--force").ok();
    assertThat(store.resolve(ARCHIVE)).hasBinaryContent(good);
    Files.writeString(
        store.resolve(METADATA),
        Files.readString(store.resolve(METADATA)).replaceFirst("\"format\": 1", "\"format\": 7"));
    user.s3dock("push", REF, "--from", image.toString()).ok();
    user.s3dock("pull", "my-app", "production", "--to", folder.resolve("x").toString()).ok();
  }

  @Test
  void the_log_level_of_the_configuration_counts() throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"), "{defaults: {log_level: 'debug'}}");
    assertThat(user.s3dock("current", "my-app", "nowhere").err()).contains("\tat ");
  }

  @Test
  void metadata_without_an_archive_is_an_integrity_failure() throws IOException {
    Files.delete(store.resolve(ARCHIVE));
    assertThat(fails(5, "pull", "my-app", "production", "--to", folder.resolve("x") + "").err())
        .contains(ARCHIVE, "missing");
  }

  @Test
  void a_folder_that_is_not_there_is_an_error_of_every_read_and_is_not_made() {
    Path absent = folder.resolve("nowhere");
    String bucket = absent.toUri().toString();
    for (String line :
        List.of(
            "list apps",
            "list images my-app",
            "current my-app production",
            "audit my-app",
            "cleanup",
            "verify --all",
            "tag " + REF + " v1",
            "promote " + REF + " production",
            "remove env my-app production --yes",
            "doctor --role reader")) {
      User.Result result = user.s3dock((line + " -b " + bucket).split(" "));
      if (!line.startsWith("doctor")) {
        assertThat(result.exitCode()).as(line).isEqualTo(ExitCode.STORE);
      }
      assertThat(result.err() + result.out()).as(line).contains(absent.toString(), "first push");
      assertThat(absent).as(line).doesNotExist();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3://my-images/team/a, s3://my-images",
    "my-images/team, s3://my-images",
    "gs://my-images, endpoint",
    "https://my-images.example.com, AWS_ENDPOINT_URL",
  })
  void a_bucket_that_is_none_is_named_and_no_credentials_are_blamed(String bucket, String remedy) {
    User.Result result = user.s3dock("list", "apps", "-b", bucket);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("'" + bucket + "'", remedy).doesNotContain("credentials");
  }

  @Test
  void a_pointer_that_leads_nowhere_is_an_integrity_failure() throws IOException {
    Files.delete(store.resolve(METADATA));
    assertThat(fails(5, "pull", "my-app", "production", "--to", folder.resolve("x") + "").err())
        .contains("pointers/my-app/production.json");
  }

  @Test
  void an_environment_that_leads_nowhere_does_not_hide_the_others() throws IOException {
    user.s3dock("promote", "my-app", "v1.2.0", "staging", "--create").ok();
    Files.delete(store.resolve("tags/my-app/v1.2.0.json"));
    assertThat(user.s3dock("list", "envs", "my-app").ok().out())
        .isEqualTo("production\t" + REF + "\t\nstaging\t(no published image)\tv1.2.0\n");
  }

  @Test
  void a_file_that_is_no_image_is_refused_and_nothing_is_published() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "hello");
    Path cut =
        Files.write(folder.resolve("cut.tar"), Arrays.copyOf(Files.readAllBytes(image), 5000));
    SequencedMap<String, byte[]> files = TestImages.dockerSaveFiles(ImageSpec.small(), REF);
    files.put("../../escape", "x".getBytes(StandardCharsets.UTF_8));
    Path escaping = Files.write(folder.resolve("escape.tar"), TestTar.of(files));
    String other = "other:20250721-2118-f7a5a27";
    for (Path bad : new Path[] {text, cut, escaping}) {
      fails(5, "push", other, "--from", bad.toString());
    }
    assertThat(store.resolve("images/other")).doesNotExist();
    assertThat(user.temporary()).isEmptyDirectory();
  }

  @Test
  void control_characters_from_the_bucket_do_not_reach_the_terminal() throws IOException {
    Files.writeString(
        store.resolve("pointers/my-app/production.json"),
        "{\"target_type\": \"\\u001b[31mred\", \"target_path\": \"x\"}");
    assertThat(fails(5, "current", "my-app", "production").err()).doesNotContain("\u001b");
  }

  @Test
  void a_secret_in_the_configuration_is_never_shown() throws IOException {
    Files.writeString(
        user.workingDirectory().resolve("s3dock.json5"),
        "{profiles: {default: {access_key: 'AKIAPLANTED99', secret_key: 'planted-secret',"
            + " bucket: 'b', endpoint: 'http://127.0.0.1:1'}}, defaults: {retry_count: 0}}");
    user.with("S3DOCK_BUCKET", "").with("AWS_ACCESS_KEY_ID", "").with("AWS_SECRET_ACCESS_KEY", "");
    User.Result shown = user.s3dock("config", "show", "-l", "3").ok();
    User.Result failed = user.s3dock("list", "apps", "-l", "3");
    assertThat(failed.exitCode()).isEqualTo(7);
    assertThat(shown.out() + shown.err() + failed.out() + failed.err())
        .contains("****ED99", "chmod 600")
        .doesNotContain("planted-secret", "AKIAPLANTED99");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b/c?d", "eu-central-1\u001b[31m", "-x", ""})
  void a_region_that_is_none_is_named(String region) {
    User.Result result =
        new User(folder).s3dock("list", "apps", "-b", "images", "--region=" + region);
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .contains("the region '")
        .contains("eu-central-1")
        .doesNotContain("\u001b");
  }
}
