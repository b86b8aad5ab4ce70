package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.Catalog.ImageEntry;
import dev.s3dock.store.ETag;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ImagesTest {
  private static final ImageMetadata MINE = new ImageMetadata("1".repeat(32), 4, Optional.empty());
  private static final ImageMetadata THEIRS =
      new ImageMetadata("2".repeat(32), 6, Optional.empty());

  private final Bucket bucket = new Bucket();
  private final ImageKey key = BucketLayout.image(Bucket.image("20250721-2118-f7a5a27"));

  @Test
  void an_archive_without_metadata_is_not_published() {
    bucket.put(key.archive(ArchiveForm.GZIP), "mine");
    assertThat(bucket.images.find(key.reference())).isEmpty();
  }

  @Test
  void a_tombstone_is_not_published_and_can_be_published_over() {
    bucket.put(key.metadata(), "{\"tombstone\": {\"by\": \"cleanup\"}}");
    assertThat(bucket.images.find(key.reference())).isEmpty();
    ETag archive = bucket.put(key.archive(ArchiveForm.GZIP), "mine");
    bucket.images.writes().publish(key, MINE, archive, Optional.empty());
    assertThat(bucket.images.find(key.reference())).isPresent();
  }

  @Test
  void metadata_has_the_form_of_the_original() {
    bucket
        .images
        .writes()
        .publish(key, MINE, bucket.put(key.archive(ArchiveForm.GZIP), "mine"), Optional.empty());
    assertThat(bucket.unsigned(key.metadata().value()))
        .isEqualTo(
            """
            {
              "checksum": "11111111111111111111111111111111",
              "size": 4,
              "created_at": "2025-08-02T09:30:12.25+02:00",
              "git_hash": "f7a5a27",
              "git_time": "20250721-2118",
              "image_tag": "my-app:20250721-2118-f7a5a27",
              "app_name": "my-app"
            }""");
  }

  @Test
  void of_two_pushes_the_one_whose_archive_is_in_place_gets_its_metadata_in_place() {
    ETag mine = bucket.put(key.archive(ArchiveForm.GZIP), "mine");
    AtomicBoolean done = new AtomicBoolean();
    bucket.store.before(
        (operation, k) -> {
          if (operation == Operation.PUT
              && k.equals(key.metadata().value())
              && done.compareAndSet(false, true)) {
            ETag theirs = bucket.put(key.archive(ArchiveForm.GZIP), "theirs");
            bucket.images.writes().publish(key, THEIRS, theirs, Optional.empty());
          }
        });
    assertThatThrownBy(() -> bucket.images.writes().publish(key, MINE, mine, Optional.empty()))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.CONFLICT));
    assertThat(bucket.images.at(key).map(Published::metadata)).contains(THEIRS);
    assertThat(bucket.text(key.archive(ArchiveForm.GZIP).value())).isEqualTo("theirs");
  }

  @Test
  void a_push_whose_archive_came_last_wins_over_metadata_that_came_first() {
    bucket
        .images
        .writes()
        .publish(
            key, THEIRS, bucket.put(key.archive(ArchiveForm.GZIP), "theirs"), Optional.empty());
    ETag mine = bucket.put(key.archive(ArchiveForm.GZIP), "mine");
    bucket.images.writes().publish(key, MINE, mine, Optional.empty());
    assertThat(bucket.images.at(key).map(Published::metadata)).contains(MINE);
  }

  @Test
  void of_two_pushes_in_different_forms_the_first_metadata_wins_and_no_archive_is_left_over() {
    ObjectNode index = Documents.create().put("compression", "zstd:3");
    ImageMetadata metadata = new ImageMetadata("3".repeat(32), 4, Optional.of(index));
    ETag mine = bucket.put(key.archive(ArchiveForm.ZSTD), "mine");
    bucket
        .images
        .writes()
        .publish(
            key, THEIRS, bucket.put(key.archive(ArchiveForm.GZIP), "theirs"), Optional.empty());
    assertThatThrownBy(() -> bucket.images.writes().publish(key, metadata, mine, Optional.empty()))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.CONFLICT));
    assertThat(bucket.images.at(key).map(Published::archive))
        .contains(key.archive(ArchiveForm.GZIP));
    assertThat(bucket.keys("images/"))
        .containsExactlyInAnyOrder(key.metadata().value(), key.archive(ArchiveForm.GZIP).value());
  }

  @Test
  void the_metadata_tells_the_form_of_the_archive() {
    ObjectNode index = Documents.create().put("compression", "zstd:3");
    ETag archive = bucket.put(key.archive(ArchiveForm.ZSTD), "mine");
    bucket
        .images
        .writes()
        .publish(
            key,
            new ImageMetadata("3".repeat(32), 4, Optional.of(index)),
            archive,
            Optional.empty());
    Published published = bucket.images.require(key.reference());
    assertThat(published.archive()).isEqualTo(key.archive(ArchiveForm.ZSTD));
    assertThat(bucket.images.platforms(published)).hasSize(1);
    List<ImageEntry> listed = new ArrayList<>();
    bucket.catalog.images(Bucket.APP, Optional.empty(), Long.MAX_VALUE, listed::add);
    assertThat(listed)
        .extracting(ImageEntry::archive)
        .containsExactly(key.archive(ArchiveForm.ZSTD));
    bucket.images.writes().setAside(published);
    assertThat(bucket.keys("archive/")).anyMatch(name -> name.endsWith(".tar.zst"));
  }

  @Test
  void what_is_replaced_is_set_aside_and_never_over_another() {
    bucket
        .images
        .writes()
        .publish(
            key, THEIRS, bucket.put(key.archive(ArchiveForm.GZIP), "theirs"), Optional.empty());
    Published published = bucket.images.at(key).orElseThrow();
    bucket.images.writes().setAside(published);
    bucket.images.writes().setAside(published);
    String stem = "archive/my-app/202507/my-app-20250721-2118-f7a5a27-archived-on-20250802-0730";
    assertThat(bucket.keys("archive/"))
        .containsExactly(stem + "-2.json", stem + "-2.tar.gz", stem + ".json", stem + ".tar.gz");
    assertThat(bucket.text(stem + ".tar.gz")).isEqualTo("theirs");
    assertThat(bucket.images.at(key)).isPresent();
  }

  private Published theirs() {
    bucket
        .images
        .writes()
        .publish(
            key, THEIRS, bucket.put(key.archive(ArchiveForm.GZIP), "theirs"), Optional.empty());
    return bucket.images.at(key).orElseThrow();
  }

  /** As OpenStack Swift does with what was uploaded in parts. */
  @Test
  void a_store_that_refuses_to_copy_is_named_and_no_names_are_tried_in_vain() {
    Published published = theirs();
    bucket.store.before(
        (operation, k) -> {
          if (operation == Operation.COPY) {
            throw new StoreException(StoreException.Kind.PRECONDITION_FAILED, "changed");
          }
        });
    assertThatThrownBy(() -> bucket.images.writes().setAside(published))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("does not copy " + published.archive())
        .hasMessageContaining("nothing was replaced");
    assertThat(bucket.keys("archive/")).hasSize(1);
  }

  @Test
  void an_archive_that_is_replaced_while_it_is_set_aside_is_a_conflict_at_once() {
    Published published = theirs();
    AtomicBoolean done = new AtomicBoolean();
    bucket.store.before(
        (operation, k) -> {
          if (operation == Operation.COPY && done.compareAndSet(false, true)) {
            bucket.put(key.archive(ArchiveForm.GZIP), "somebody else's");
          }
        });
    assertThatThrownBy(() -> bucket.images.writes().setAside(published))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.CONFLICT));
    assertThat(bucket.keys("archive/")).hasSize(1);
  }

  @Test
  void the_platforms_of_a_commit_are_found_together() {
    bucket.publish(key);
    ImageKey arm = BucketLayout.furtherPlatform(key, Platform.parse("linux/arm64"));
    bucket.publish(arm);
    bucket.publish("20250721-2118-f7a5a27aa");
    Published first = bucket.images.require(key.reference());
    assertThat(bucket.images.platforms(first)).extracting(Published::key).containsExactly(key, arm);
  }
}
