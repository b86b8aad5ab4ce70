package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.ArchiveForm;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.file.FileObjectStore;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.SavedEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First pushes of an app whose base another app has already. */
class OtherAppsLayersTest {
  private static final ImageReference THEIRS =
      ImageReference.parse("their-app:20250720-1000-aaaaaaa");
  private static final ImageReference OURS = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final ImageReference THIRD =
      ImageReference.parse("third-app:20250722-0900-ccccccc");
  private static final int MIB = 1 << 20;
  private static final byte[] BASE = noise(1, 8 * MIB);

  private static final MemoryObjectStore AFTER_THEIRS =
      new MemoryObjectStore(() -> Instant.parse("2025-08-02T07:30:12Z"));

  @TempDir Path folder;
  private final MemoryObjectStore store =
      new MemoryObjectStore(() -> Instant.parse("2025-08-02T07:30:12Z"));

  private PushingBucket bucket() {
    return new PushingBucket(store, folder);
  }

  private static byte[] noise(long seed, int length) {
    return Noise.of(seed, length);
  }

  private static ImageSpec onBase(int seed) {
    return ImageSpec.empty().withFile("base", BASE).withFile("app", noise(seed, 2 * MIB));
  }

  @BeforeAll
  static void pushTheirs(@TempDir Path spool) throws IOException {
    new PushingBucket(AFTER_THEIRS, spool).push(THEIRS, onBase(2));
  }

  private static ArchiveIndex index(PushingBucket bucket, ImageReference image) {
    return PublishedIndex.of(bucket.images().require(image)).orElseThrow();
  }

  private static ObjectKey archive(ImageReference image) {
    return BucketLayout.image(image).archive(ArchiveForm.GZIP);
  }

  /** What leads to the base. */
  private ObjectKey hint() {
    return BucketLayout.layer(index(bucket(), THEIRS).diffIds().getFirst());
  }

  private ObjectNode document(ObjectKey key) throws IOException {
    return (ObjectNode)
        new ObjectMapper().readTree(store.get(key, 1 << 24).orElseThrow().content());
  }

  private String leadsTo(ObjectKey hint) throws IOException {
    return document(hint).path("archive_path").asText();
  }

  private void rewrite(ObjectKey key, UnaryOperator<ObjectNode> change) throws IOException {
    byte[] changed = new ObjectMapper().writeValueAsBytes(change.apply(document(key)));
    store.put(key, changed, Precondition.none());
  }

  private static void requireOwnAlone(PushingBucket bucket, PushResult pushed) throws IOException {
    bucket.verified(OURS);
    long own = index(bucket, OURS).layers().getLast().length();
    assertThat(pushed.bytesSent()).isBetween(own, own + own / 10);
  }

  private static void requireWhole(PushingBucket bucket, PushResult pushed) throws IOException {
    bucket.verified(OURS);
    assertThat(pushed.bytesReused()).isZero();
  }

  @Test
  void an_app_on_the_base_of_another_one_sends_its_own_layers_alone() throws IOException {
    store.startFrom(AFTER_THEIRS);
    byte[] before = store.get(hint(), MIB).orElseThrow().content();

    PushResult pushed = bucket().push(OURS, onBase(3));

    requireOwnAlone(bucket(), pushed);
    assertThat(store.get(hint(), MIB).orElseThrow().content())
        .as("a hint that holds is left alone")
        .isEqualTo(before);
    assertThat(store.list("layers/")).hasSize(3);
  }

  @Test
  void so_does_one_out_of_a_file() throws IOException {
    store.startFrom(AFTER_THEIRS);
    Path saved = TestImages.dockerSave(folder.resolve("saved.tar"), onBase(3), OURS.toString());

    PushResult pushed = bucket().pusher().push(OURS, ImageSource.of(saved));

    requireOwnAlone(bucket(), pushed);
  }

  /** A folder has no tokens that prove anything: what was copied is read. */
  @Test
  void so_does_one_in_a_folder() throws IOException {
    try (ObjectStore files = FileObjectStore.open(Files.createDirectory(folder.resolve("b")))) {
      PushingBucket bucket = new PushingBucket(files, folder);
      bucket.push(THEIRS, onBase(2));
      requireOwnAlone(bucket, bucket.push(OURS, onBase(3)));
    }
  }

  @Test
  void small_layers_have_no_hints() throws IOException {
    bucket().push(THEIRS, ImageSpec.empty().withFile("small", noise(1, MIB / 2)));
    assertThat(store.list("layers/")).isEmpty();
  }

  @Test
  void a_hint_whose_archive_is_gone_is_passed_over_and_replaced() throws IOException {
    store.startFrom(AFTER_THEIRS);
    ObjectKey hint = hint();
    store.delete(archive(THEIRS));
    rewrite(hint, document -> document.put("unknown", "kept"));

    requireWhole(bucket(), bucket().push(OURS, onBase(3)));

    assertThat(leadsTo(hint)).isEqualTo(archive(OURS).value());
    assertThat(document(hint).path("unknown").asText()).isEqualTo("kept");
    PushResult third = bucket().push(THIRD, onBase(4));
    assertThat(third.bytesReused()).isGreaterThan(7 * MIB);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "offset",
        "length",
        "object_etag",
        "archive_path",
        "diff_id",
        "no etag",
        "nonsense"
      })
  void a_hint_that_lies_is_passed_over_and_replaced(String field) throws IOException {
    store.startFrom(AFTER_THEIRS);
    ObjectKey hint = hint();
    if (field.equals("nonsense")) {
      store.put(hint, new byte[] {'{'}, Precondition.none());
    } else if (field.equals("no etag")) {
      rewrite(hint, document -> document.put("object_etag", "\"\""));
    } else if (field.equals("offset") || field.equals("length")) {
      rewrite(hint, document -> document.put(field, document.path(field).asLong() + 1));
    } else {
      rewrite(hint, document -> document.put(field, "../elsewhere"));
    }

    requireWhole(bucket(), bucket().push(OURS, onBase(3)));

    assertThat(leadsTo(hint)).isEqualTo(archive(OURS).value());
  }

  /** Whoever writes there says that the base is where something else is. */
  private static void forge(ObjectStore on, PushingBucket bucket) throws IOException {
    byte[] bytes = bucket.verified(THEIRS);
    bytes[5 * MIB] ^= 1;
    ETag state = on.put(archive(THEIRS), bytes, Precondition.none());
    ObjectMapper json = new ObjectMapper();
    Digest base = index(bucket, THEIRS).diffIds().getFirst();
    ObjectKey metadata = BucketLayout.image(THEIRS).metadata();
    ObjectNode document =
        (ObjectNode) json.readTree(on.get(metadata, 1 << 24).orElseThrow().content());
    ((ObjectNode) document.path("archive")).put("object_etag", state.value());
    on.put(metadata, json.writeValueAsBytes(document), Precondition.none());
    ObjectKey hint = BucketLayout.layer(base);
    ObjectNode said = (ObjectNode) json.readTree(on.get(hint, MIB).orElseThrow().content());
    said.put("object_etag", state.value());
    on.put(hint, json.writeValueAsBytes(said), Precondition.none());
  }

  @Test
  void bytes_that_are_not_what_their_index_says_are_not_taken() throws IOException {
    store.startFrom(AFTER_THEIRS);
    forge(store, bucket());
    ObjectKey hint = hint();

    requireWhole(bucket(), bucket().push(OURS, onBase(3)));

    assertThat(leadsTo(hint)).isEqualTo(archive(OURS).value());
  }

  @Test
  void nor_where_tokens_prove_nothing() throws IOException {
    try (ObjectStore files = FileObjectStore.open(Files.createDirectory(folder.resolve("b")))) {
      PushingBucket bucket = new PushingBucket(files, folder);
      bucket.push(THEIRS, onBase(2));
      forge(files, bucket);
      requireWhole(bucket, bucket.push(OURS, onBase(3)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"layers/", "images/their-app/"})
  void who_may_not_see_it_does_not_profit_and_is_not_troubled(String denied) throws IOException {
    store.startFrom(AFTER_THEIRS);
    store.before(
        (operation, key) -> {
          if (key.startsWith(denied)) {
            throw new StoreException(StoreException.Kind.ACCESS_DENIED, key + ": denied");
          }
        });

    PushResult pushed = bucket().push(OURS, onBase(3));

    store.before((operation, key) -> {});
    requireWhole(bucket(), pushed);
  }

  @Test
  void an_archive_that_goes_between_the_look_and_the_copy_costs_sending_what_it_had()
      throws IOException {
    ImageReference earlier = ImageReference.parse("my-app:20250719-1000-aaaaaaa");
    byte[] own = noise(7, 7 * MIB);
    ImageSpec ours = ImageSpec.empty().withFile("own", own);
    store.startFrom(AFTER_THEIRS);
    bucket().push(earlier, ours);
    store.before(
        (operation, key) -> {
          if (operation == Operation.START_UPLOAD) {
            store.delete(archive(THEIRS));
          }
        });
    SavedEngine engine =
        new SavedEngine(OURS.toString(), PushingBucket.saved(ours.withFile("base", BASE), OURS));

    PushResult pushed = bucket().push(OURS, engine);

    bucket().verified(OURS);
    assertThat(engine.exports()).isEqualTo(1);
    assertThat(pushed.bytesReused())
        .as("of the app's own archive")
        .isBetween(2L * MIB, 7L * MIB + MIB / 2);
    assertThat(pushed.bytesSent()).isGreaterThan(8 * MIB);
  }

  @Test
  void what_another_compressor_made_is_not_taken_and_the_newest_hint_counts() throws IOException {
    bucket().pushWith("zstd:3", THEIRS, onBase(2));
    ObjectKey hint = hint();

    requireWhole(bucket(), bucket().push(OURS, onBase(3)));

    assertThat(leadsTo(hint)).isEqualTo(archive(OURS).value());
  }

  @Test
  void a_cleanup_takes_away_what_leads_to_what_it_removes() throws IOException {
    store.startFrom(AFTER_THEIRS);
    bucket().push(OURS, onBase(3));
    List<String> hints = hints();

    remove(OURS);
    assertThat(hints())
        .as("the base is still there")
        .hasSize(hints.size() - 1)
        .contains(hint().value());

    remove(THEIRS);
    assertThat(hints()).isEmpty();
  }

  private List<String> hints() {
    List<String> keys = new ArrayList<>();
    store.list(BucketLayout.LAYERS).forEach(object -> keys.add(object.key().value()));
    return keys;
  }

  private void remove(ImageReference image) {
    Images images = bucket().images();
    Actor actor = new Actor("cleaner", "host-1", "s3dock test");
    Pointers pointers = new Pointers(store, images, bucket().clock(), actor);
    AuditLog audit = new AuditLog(store, bucket().clock(), actor);
    Cleanup cleanup =
        new Cleanup(store, pointers, new AuditTrail(store), audit, bucket().clock(), actor);
    List<String> kept = new ArrayList<>();
    cleanup.remove(
        image.app(),
        cleanup.named(image, 0),
        new Cleanup.Listener() {
          @Override
          public void removed(Removal removal) {}

          @Override
          public void kept(Removal removal, String why) {
            kept.add(removal.name() + ": " + why);
          }
        });
    assertThat(kept).isEmpty();
  }
}
