package dev.s3dock.verify;

import static dev.s3dock.verify.VerifiedBucket.IMAGE;
import static dev.s3dock.verify.VerifiedBucket.NOW;
import static dev.s3dock.verify.VerifiedBucket.OLDER;
import static dev.s3dock.verify.VerifiedBucket.STEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.transfer.Md5;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.verify.Finding.Severity;
import dev.s3dock.verify.Verifier.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What verify finds in a bucket, and what it does not take for damage. */
class VerifierTest {
  private static final AppName APP = IMAGE.app();
  private static final String ARCHIVE = STEM + ".tar.gz";
  private static final String METADATA = STEM + ".json";
  private static final String PRODUCTION = "pointers/my-app/production.json";
  private static final String STAGING = "pointers/my-app/staging.json";
  private static final String VERSION = "tags/my-app/v1.1.0.json";
  private static final String REPORT = "deployments/my-app/production/web-1.json";
  private static final String EVENT = "audit/my-app/202508/20250802-0730-push-f7a5a27.json";

  @TempDir Path spool;
  private VerifiedBucket bucket;

  @BeforeEach
  void fill() throws IOException {
    bucket = new VerifiedBucket(new MemoryObjectStore(), spool).fill();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_bucket_of_pushes_is_sound(boolean deep) throws IOException {
    Verifier verifier = bucket.verifier(deep);
    verifier.all(Optional.empty());
    assertThat(bucket.findings).isEmpty();
    assertThatCode(() -> verifier.requireSound(Optional.empty())).doesNotThrowAnyException();
    VerifyResult verified = verifier.summary();
    long bytes =
        bucket.store.contents().entrySet().stream()
            .filter(object -> object.getKey().endsWith(".tar.gz"))
            .mapToLong(object -> object.getValue().length)
            .sum();
    assertThat(verified)
        .isEqualTo(new VerifyResult(3, bytes, deep ? bytes : 0, 4, 1, 7, 0, 0, 0, 0));
    assertThat(spool).isEmptyDirectory();
  }

  /** A kind of damage, and where it is found. */
  record Damage(String name, Consumer<VerifiedBucket> seed, String key, String problem) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Damage> damages() {
    return List.of(
        new Damage("archive gone", b -> b.delete(ARCHIVE), ARCHIVE, "is missing"),
        new Damage(
            "archive short",
            b -> b.put(ARCHIVE, Arrays.copyOf(b.bytes(ARCHIVE), 100)),
            ARCHIVE,
            "has 100 bytes"),
        new Damage(
            "second platform gone",
            b -> b.delete(STEM + ".linux-arm64.tar.gz"),
            STEM + ".linux-arm64.tar.gz",
            "is missing"),
        new Damage("metadata no json", b -> b.put(METADATA, "{"), METADATA, "is not JSON"),
        new Damage(
            "metadata without checksum",
            b -> b.edit(METADATA, text -> text.replace("checksum", "checksun")),
            METADATA,
            "has no field 'checksum'"),
        new Damage(
            "metadata huge",
            b -> b.put(METADATA, new byte[(32 << 20) + 1]),
            METADATA,
            "has more than"),
        new Damage(
            "index with a gap",
            b ->
                b.edit(
                    METADATA, text -> text.replaceFirst("\"tail\": \\{\\s*\"offset\": ", "$0" + 1)),
            METADATA,
            "has a damaged index"),
        new Damage(
            "index of another format",
            b -> b.edit(METADATA, text -> text.replace("\"format\": 1", "\"format\": 2")),
            METADATA,
            "has a damaged index: the archive index has format 2"),
        new Damage("version no json", b -> b.put(VERSION, "[]"), VERSION, "is not a JSON object"),
        new Damage(
            "version to nothing",
            b -> b.edit(VERSION, text -> text.replace("f7a5a27.tar", "f7a5a28.tar")),
            VERSION,
            "leads to images/my-app/202507/my-app-20250721-2118-f7a5a28.tar.gz, which is not published"),
        new Damage(
            "version to a version",
            b -> b.put("tags/my-app/v2.json", b.text(PRODUCTION)),
            "tags/my-app/v2.json",
            "leads to another version, v1.1.0"),
        new Damage(
            "version huge", b -> b.put(VERSION, new byte[(1 << 20) + 1]), VERSION, "far too large"),
        new Damage(
            "environment to a foreign key",
            b -> b.edit(STAGING, text -> text.replace("images/my-app", "images/../my-app")),
            STAGING,
            "has no valid target"),
        new Damage(
            "environment to nothing",
            b -> b.edit(STAGING, text -> text.replace("def5678.tar", "def5679.tar")),
            STAGING,
            "def5679.tar.gz, which is not published"),
        new Damage(
            "environment of a version that is gone",
            b -> b.delete(VERSION),
            PRODUCTION,
            "follows tags/my-app/v1.1.0.json, which is gone"),
        new Damage(
            "environment of a version taken back",
            b -> b.put(VERSION, "{\"tombstone\": \"taken back\"}"),
            PRODUCTION,
            "follows tags/my-app/v1.1.0.json, which is gone"),
        new Damage("report no json", b -> b.put(REPORT, "x"), REPORT, "is not JSON"),
        new Damage(
            "report without an image",
            b -> b.edit(REPORT, text -> text.replaceFirst("my-app:20250721-2118", "my-app:x")),
            REPORT,
            "names no image: my-app:x-f7a5a27"),
        new Damage(
            "report of an image that is gone",
            b -> b.edit(REPORT, text -> text.replaceFirst("f7a5a27", "f7a5a28")),
            REPORT,
            "says that web-1 runs my-app:20250721-2118-f7a5a28, which is not published"),
        new Damage("event no json", b -> b.put(EVENT, "\u0000"), EVENT, "is not JSON"),
        new Damage(
            "event without a time",
            b -> b.edit(EVENT, text -> text.replace("timestamp", "timestomp")),
            EVENT,
            "has no field 'timestamp'"),
        new Damage(
            "event huge", b -> b.put(EVENT, new byte[(1 << 20) + 1]), EVENT, "far too large"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void each_kind_of_damage_is_found_by_its_key_with_a_remedy(Damage damage) {
    damage.seed().accept(bucket);
    Verifier verifier = bucket.verifier(false);
    verifier.all(Optional.empty());
    assertThat(bucket.findings)
        .filteredOn(finding -> finding.key().equals(damage.key()))
        .singleElement()
        .satisfies(it -> assertThat(it.severity()).isEqualTo(Severity.DAMAGE))
        .satisfies(it -> assertThat(it.problem()).contains(damage.problem()))
        .satisfies(it -> assertThat(it.problem()).doesNotContain("; restore"))
        .satisfies(it -> assertThat(it.remedy()).isNotEmpty());
    assertThatThrownBy(() -> verifier.requireSound(Optional.empty()))
        .asInstanceOf(type(TransferException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(TransferException.Kind.INTEGRITY));
  }

  @Test
  void whatever_leads_to_an_image_that_is_gone_or_going_is_told() {
    bucket.edit(METADATA, text -> text.replaceFirst("\\{", "{\"tombstone\": \"cleanup\","));
    assertThat(bucket.all(false))
        .filteredOn(finding -> finding.severity() == Severity.DAMAGE)
        .extracting(Finding::key)
        .containsExactly(VERSION, PRODUCTION, REPORT);
    assertThat(bucket.findings)
        .filteredOn(finding -> finding.key().equals(METADATA))
        .singleElement()
        .satisfies(it -> assertThat(it.severity()).isEqualTo(Severity.NOTE))
        .satisfies(it -> assertThat(it.problem()).contains("tombstone"));
    String manifest = manifest();
    bucket.delete(METADATA);
    bucket.delete(ARCHIVE);
    assertThat(bucket.all(false))
        .extracting(Finding::key)
        .containsExactly(VERSION, PRODUCTION, REPORT, manifest);
  }

  @Test
  void a_pointer_that_was_taken_back_is_no_damage() {
    bucket.put(STAGING, "{\"tombstone\": \"taken back\"}");
    assertThat(bucket.all(false)).isEmpty();
    assertThatThrownBy(() -> bucket.verifier(false).target(APP, "staging"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("no environment and no version staging");
  }

  /** What leads from its digest to the image of {@link #METADATA}. */
  private String manifest() {
    return bucket
        .text(METADATA)
        .replaceAll("(?s).*\"manifest\".*?sha256:([0-9a-f]{64}).*", "manifests/my-app/$1.json");
  }

  private void found(Severity severity, String key, String problem) {
    assertThat(bucket.findings)
        .as(key)
        .singleElement()
        .satisfies(it -> assertThat(it.severity()).isEqualTo(severity))
        .satisfies(it -> assertThat(it.key()).isEqualTo(key))
        .satisfies(it -> assertThat(it.problem()).contains(problem));
  }

  @Test
  void an_archive_without_metadata_is_left_over_and_loses_nothing() {
    String key = STEM.replace("f7a5a27", "f7a5a28") + ".tar.zst";
    bucket.put(key, "x");
    Verifier verifier = bucket.verifier(false);
    verifier.all(Optional.empty());
    found(Severity.LEFTOVER, key, "has no metadata");
    assertThatCode(() -> verifier.requireSound(Optional.empty())).doesNotThrowAnyException();
  }

  @Test
  void what_leads_from_a_digest_to_nothing_or_to_another_image_is_worth_a_note() {
    assertThat(bucket.all(false)).isEmpty();
    String key = bucket.store.list("manifests/").toList().getFirst().key().value();
    String there = bucket.text(key);
    String other = key.replaceFirst("[0-9a-f]{64}", "0".repeat(64));
    bucket.put(other, there.replaceFirst("sha256:[0-9a-f]{64}", "sha256:" + "0".repeat(64)));
    bucket.all(false);
    found(Severity.NOTE, other, "which has another manifest");
    bucket.edit(
        other, text -> text.replaceAll("-[0-9a-f]{7}(\\.linux-arm64)?\\.json", "-0000000.json"));
    bucket.all(false);
    found(Severity.NOTE, other, "which is not published");
    bucket.put(other, there);
    bucket.all(false);
    found(Severity.DAMAGE, other, "does not lead from its digest");
  }

  @Test
  void an_image_that_is_not_found_by_its_digest_is_worth_a_note() throws IOException {
    ObjectStat lost = bucket.store.list("manifests/").toList().getFirst();
    bucket.store.delete(lost.key());
    assertThat(bucket.all(false))
        .singleElement()
        .satisfies(it -> assertThat(it.severity()).isEqualTo(Severity.NOTE))
        .satisfies(it -> assertThat(it.problem()).contains("by the digest of its manifest"));
    bucket.pushing.push(VerifiedBucket.OLDER, ImageSpec.small());
    bucket.pushing.push(VerifiedBucket.IMAGE, ImageSpec.small().withFile("page", "new"));
    bucket.pushing.push(VerifiedBucket.IMAGE, ImageSpec.small().withPlatform("linux/arm64"));
    assertThat(bucket.all(false)).isEmpty();
  }

  @Test
  void an_archive_of_another_form_is_left_over() {
    bucket.put(STEM + ".tar.zst", "x");
    bucket.all(false);
    found(Severity.LEFTOVER, STEM + ".tar.zst", "lies beside the published my-app-2025");
  }

  @Test
  void what_a_push_under_way_has_written_is_worth_a_note() throws IOException {
    bucket =
        new VerifiedBucket(new MemoryObjectStore(() -> NOW.minusSeconds(20 * 3_600)), spool).fill();
    bucket.put(STEM.replace("f7a5a27", "f7a5a28") + ".tar.gz", "x");
    bucket.put(STEM + ".tar.zst", "x");
    assertThat(bucket.all(false))
        .extracting(Finding::severity)
        .containsExactly(Severity.NOTE, Severity.NOTE);
    assertThat(bucket.findings).allMatch(it -> it.problem().contains("a push may be under way"));
  }

  @Test
  void what_is_no_key_of_s3dock_is_worth_a_note() {
    List<String> keys =
        List.of(
            "audit/my-app/readme.txt",
            "deployments/my-app/web-1.json",
            "images/my-app/202507/other-20250721-2118-f7a5a27.json",
            "images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.xz",
            "images/My_App/x.json",
            "pointers/my-app/production.json.bak",
            "tags/my-app/latest.json");
    keys.forEach(key -> bucket.put(key, "{}"));
    bucket.all(false);
    assertThat(bucket.findings).allMatch(it -> it.severity() == Severity.NOTE);
    assertThat(bucket.findings)
        .extracting(Finding::key)
        .containsExactlyInAnyOrder(
            keys.stream()
                .map(key -> key.startsWith("images/My") ? "images/My_App" : key)
                .toArray(String[]::new));
  }

  @Test
  void a_copy_by_another_tool_is_sound_and_only_deep_proves_it() {
    bucket.put(ARCHIVE, bucket.bytes(ARCHIVE)); // the same bytes, another ETag
    bucket.all(false);
    found(Severity.NOTE, ARCHIVE, "its bytes are not verified");
    assertThat(bucket.findings.getFirst().remedy()).contains("--deep");
    assertThat(bucket.all(true)).isEmpty();
  }

  @Test
  void a_forged_archive_of_the_same_size_is_found_deep() {
    byte[] bytes = bucket.bytes(ARCHIVE);
    bytes[bytes.length / 2] ^= 4;
    bucket.put(ARCHIVE, bytes);
    bucket.all(true);
    found(Severity.DAMAGE, ARCHIVE, "is damaged");
    assertThat(bucket.findings.getFirst().remedy()).contains("--force");
  }

  @Test
  void an_md5_state_that_would_spoil_a_later_push_is_found_deep() {
    bucket.edit(METADATA, text -> text.replaceFirst("(\"abcd\": \")....", "$10000"));
    assertThat(bucket.all(false)).isEmpty();
    bucket.all(true);
    found(Severity.DAMAGE, ARCHIVE, "another MD5 state");
  }

  @Test
  void an_archive_under_the_name_of_another_image_is_found_deep() {
    String other = STEM.replace("f7a5a27", "f7a5a28");
    bucket.put(other + ".tar.gz", bucket.bytes(ARCHIVE));
    bucket.put(other + ".json", bucket.text(METADATA).replace("f7a5a27", "f7a5a28"));
    bucket.all(true);
    bucket.findings.removeIf(it -> it.problem().contains("by the digest of its manifest"));
    found(Severity.DAMAGE, other + ".tar.gz", "the end of the archive is not what image");
  }

  @Test
  void a_pair_that_was_copied_from_another_image_is_found() {
    String other = STEM.replace("f7a5a27", "f7a5a28");
    bucket.put(other + ".tar.gz", bucket.bytes(ARCHIVE));
    bucket.put(other + ".json", bucket.text(METADATA));
    bucket.all(false);
    found(Severity.DAMAGE, other + ".json", "f7a5a27");
  }

  private byte[] original(ImageReference reference) throws IOException {
    Path tar =
        TestImages.legacyDockerSave(
            spool.resolve("saved.tar"), ImageSpec.small(), reference.toString());
    byte[] archive = Packaging.GZIP.apply(Files.readAllBytes(tar));
    Files.delete(tar);
    return archive;
  }

  private String publishAsTheOriginal(byte[] stored, byte[] described) {
    String stem = "images/my-app/202508/my-app-20250731-2350-f7a5a27";
    bucket.put(stem + ".tar.gz", stored);
    bucket.put(
        stem + ".json",
        "{\"checksum\": \"%s\", \"size\": %d}"
            .formatted(HexFormat.of().formatHex(Md5.start().digest(described)), described.length));
    return stem + ".tar.gz";
  }

  @Test
  void an_archive_of_the_original_is_proved_by_its_md5_and_its_layers() throws IOException {
    byte[] archive = original(ImageReference.parse("my-app:20250731-2350-f7a5a27"));
    String key = publishAsTheOriginal(archive, archive);
    bucket.all(false);
    found(Severity.NOTE, key, "has no index, and an ETag that is not an MD5");
    assertThat(bucket.all(true)).isEmpty();
    byte[] forged = archive.clone();
    forged[forged.length / 2] ^= 1;
    publishAsTheOriginal(forged, archive);
    bucket.all(true);
    found(Severity.DAMAGE, key, "is damaged");
    byte[] noImage = Packaging.GZIP.apply(new byte[1024]);
    publishAsTheOriginal(noImage, noImage);
    bucket.all(true);
    found(Severity.DAMAGE, key, "it is not an image archive");
  }

  @Test
  void only_what_is_asked_for_is_looked_at() {
    bucket.delete(ARCHIVE);
    bucket.put(EVENT, "x");
    bucket.verifier(false).image(OLDER);
    assertThat(bucket.findings).isEmpty();
    bucket.verifier(false).target(APP, "v1.0.0");
    assertThat(bucket.findings).isEmpty();
    bucket.verifier(false).image(IMAGE);
    found(Severity.DAMAGE, ARCHIVE, "is missing");
    Verifier production = bucket.verifier(false);
    production.target(APP, "production");
    found(Severity.DAMAGE, ARCHIVE, "is missing");
    assertThat(production.summary().images()).as("both platforms").isEqualTo(2);
    bucket.edit(PRODUCTION, text -> text.replace("v1.1.0.json", "v9.json"));
    bucket.verifier(false).target(APP, "production");
    found(Severity.DAMAGE, PRODUCTION, "follows tags/my-app/v9.json, which is gone");
  }

  @Test
  void what_does_not_exist_is_not_sound() {
    for (Consumer<Verifier> run :
        List.<Consumer<Verifier>>of(
            v -> v.app(new AppName("no-app"), Optional.empty()),
            v -> v.image(ImageReference.parse("my-app:20250721-2118-f7a5a28")),
            v -> v.target(APP, "v9"),
            v -> v.target(APP, "qa"))) {
      assertThatThrownBy(() -> run.accept(bucket.verifier(false)))
          .asInstanceOf(type(RegistryException.class))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.NOT_FOUND));
    }
  }

  @Test
  void an_app_that_has_nothing_but_events_is_verified() {
    bucket.put("audit/gone-app/202508/20250802-0730-push-f7a5a27.json", "x");
    bucket.put("pointers/other-app/qa.json", "x");
    assertThat(bucket.all(false))
        .extracting(Finding::key)
        .containsExactly(
            "audit/gone-app/202508/20250802-0730-push-f7a5a27.json", "pointers/other-app/qa.json");
    bucket.verifier(false).app(new AppName("gone-app"), Optional.empty());
    assertThat(bucket.findings).hasSize(1);
  }

  private List<String> requests() {
    List<String> requests = Collections.synchronizedList(new ArrayList<>());
    bucket.store.before((operation, key) -> requests.add(operation + " " + key));
    return requests;
  }

  @Test
  void a_sound_image_costs_a_few_requests_and_its_share_of_a_listing() {
    List<String> requests = requests();
    Verifier verifier = bucket.verifier(false);
    verifier.app(APP, Optional.empty());
    assertThat(requests)
        .filteredOn(it -> it.contains("images/") && !it.contains("LIST"))
        .as("2 of the images, and 1 for each version, environment, and image of the report")
        .hasSize(2 * 3 + 4 + 2)
        .allMatch(it -> it.startsWith("GET"));
    assertThat(requests).filteredOn(it -> it.startsWith("LIST")).hasSize(6);
    assertThat(requests)
        .filteredOn(it -> it.startsWith("GET manifests/"))
        .as("by itself, and from its image")
        .hasSize(2 * 3);
    assertThat(requests).filteredOn(it -> it.startsWith("GET audit/")).hasSize(7);
    assertThat(requests).hasSize(6 + 12 + 6 + 7 + 4 + 1 + 1);
  }

  private void refuse(String prefix, StoreException.Kind kind) {
    bucket.store.before(
        (operation, key) -> {
          if (key.startsWith(prefix)) {
            throw new StoreException(kind, operation + " " + key + " is refused");
          }
        });
  }

  @Test
  void an_object_that_the_store_will_not_give_is_not_called_damaged() {
    String manifest = manifest();
    refuse(METADATA, StoreException.Kind.ACCESS_DENIED);
    Verifier verifier = bucket.verifier(false);
    verifier.all(Optional.empty());
    assertThat(bucket.findings).allMatch(it -> it.severity() == Severity.NOT_CHECKED);
    assertThat(bucket.findings)
        .extracting(Finding::key)
        .containsExactly(VERSION, PRODUCTION, REPORT, manifest, METADATA);
    assertThatThrownBy(() -> verifier.requireSound(Optional.empty()))
        .asInstanceOf(type(StoreException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
    bucket.store.before((operation, key) -> {});
    bucket.put(EVENT, "x");
    refuse(METADATA, StoreException.Kind.ACCESS_DENIED);
    Verifier both = bucket.verifier(false);
    both.all(Optional.empty());
    assertThatThrownBy(() -> both.requireSound(Optional.empty()))
        .as("damage wins")
        .isInstanceOf(TransferException.class);
    assertThatThrownBy(() -> both.requireSound(Optional.of(new IllegalStateException("gone"))))
        .isInstanceOf(TransferException.class)
        .hasMessageContaining("ended early: gone");
  }

  @Test
  void a_part_that_may_not_be_listed_does_not_hide_the_others() {
    bucket.delete(ARCHIVE);
    refuse("audit/my-app/", StoreException.Kind.ACCESS_DENIED);
    assertThat(bucket.all(false))
        .extracting(Finding::key)
        .containsExactly("audit/my-app/", ARCHIVE);
  }

  @Test
  void a_store_that_gives_nothing_any_more_ends_the_run_and_it_can_go_on() throws IOException {
    for (int i = 10; i < 60; i++) {
      ImageReference reference = ImageReference.parse("my-app:20250722-21%d-f7a5a27".formatted(i));
      bucket.pushing.push(reference, ImageSpec.small());
    }
    AtomicInteger reads = new AtomicInteger(); // the first is of what leads to it by its digest
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.GET
              && key.contains("20250722-2120-")
              && reads.incrementAndGet() == 2) {
            refuse("images/", StoreException.Kind.UNAVAILABLE);
          }
        });
    Verifier first = bucket.verifier(true);
    assertThatThrownBy(() -> first.all(Optional.empty()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("20 objects in a row");
    Start position = first.position().orElseThrow();
    assertThat(position).hasToString("my-app:20250722-2119-f7a5a27");
    List<String> requests = requests();
    Verifier second = bucket.verifier(true);
    second.all(Optional.of(position));
    assertThat(bucket.findings).isEmpty();
    assertThat(second.summary().images()).isEqualTo(41);
    assertThat(second.summary().events()).as("those are done").isZero();
    assertThat(requests).noneMatch(it -> it.contains("20250722-2118"));
  }

  @Test
  void a_run_goes_on_with_the_app_it_was_at() throws IOException {
    ImageReference other = ImageReference.parse("other:20250722-2110-f7a5a27");
    bucket.pushing.push(other, ImageSpec.small());
    refuse("images/other/", StoreException.Kind.UNAVAILABLE);
    Verifier first = bucket.verifier(false);
    assertThatThrownBy(() -> first.all(Optional.empty())).isInstanceOf(StoreException.class);
    assertThat(first.position()).map(Start::toString).contains("other");
    bucket.store.before((operation, key) -> {});
    Verifier second = bucket.verifier(false);
    second.all(first.position());
    assertThat(second.summary().images()).isEqualTo(1);
    assertThat(second.summary().events()).isEqualTo(1);
  }

  @Test
  void an_image_of_another_month_is_not_left_out_when_a_run_goes_on() throws IOException {
    byte[] archive = original(ImageReference.parse("my-app:20250731-2350-f7a5a27"));
    publishAsTheOriginal(archive, archive); // filed under August
    Verifier first = bucket.verifier(true);
    first.all(Optional.empty());
    assertThat(first.position()).map(Start::toString).contains(IMAGE.toString());
    Verifier second = bucket.verifier(true);
    second.all(first.position());
    assertThat(second.summary().images()).isEqualTo(3);
  }
}
