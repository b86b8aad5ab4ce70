package dev.s3dock.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.testing.store.MemoryObjectStore;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What leads from the digest of a served manifest to its image. */
class ManifestsTest {
  private static final Retention NOTHING =
      new Retention(Optional.empty(), Optional.empty(), false, 5, Optional.empty());
  private static final String CONTENT = "archive of " + BucketFixture.FIRST;
  private static final String KEY =
      "manifests/my-app/" + BucketFixture.manifest(CONTENT).hex() + ".json";

  private final BucketFixture fixture = BucketFixture.served();
  private final MemoryObjectStore store = fixture.store;
  private final Images images = fixture.images(store);

  private Optional<String> found(String content) {
    return images
        .find(BucketFixture.APP, BucketFixture.manifest(content))
        .map(image -> image.key().reference().toString());
  }

  private String push(ImageReference image, String content) throws Exception {
    return fixture.pushing(image, content).clients().getLast().call();
  }

  private ObjectNode document(String key) {
    ObjectKey object = new ObjectKey(key);
    return Documents.parse(object, store.get(object, 1 << 20).orElseThrow().content());
  }

  @Test
  void a_push_leaves_what_leads_from_the_digest_to_the_image() {
    ObjectNode document = document(KEY);
    assertThat(document.remove("write_id").asText()).hasSize(36);
    assertThat(new String(Documents.write(document), UTF_8))
        .isEqualTo(
            """
            {
              "app_name": "my-app",
              "digest": "%s",
              "media_type": "application/vnd.oci.image.manifest.v1+json",
              "size": 39,
              "images": [ {
                "image_reference": "my-app:20250101-1000-aaaaaaa",
                "target_path": "images/my-app/202501/my-app-20250101-1000-aaaaaaa.json"
              } ]
            }"""
                .formatted(BucketFixture.manifest(CONTENT)));
    assertThat(found(CONTENT)).contains(BucketFixture.FIRST.toString());
    assertThat(found("what nobody has pushed")).isEmpty();
  }

  @Test
  void a_replaced_image_is_not_found_by_its_old_digest_which_cleanup_takes_away() throws Exception {
    push(BucketFixture.FIRST, "another one");
    assertThat(found(CONTENT)).isEmpty();
    assertThat(found("another one")).contains(BucketFixture.FIRST.toString());
    assertThat(fixture.keys("manifests/")).hasSize(4);

    fixture.apply(NOTHING);
    assertThat(fixture.keys("manifests/")).hasSize(3).doesNotContain(KEY);
    assertThat(found("another one")).contains(BucketFixture.FIRST.toString());
  }

  @Test
  void the_digest_that_two_images_have_leads_to_the_one_that_stays() throws Exception {
    push(BucketFixture.FOURTH, CONTENT);
    assertThat(found(CONTENT)).as("the latest").contains(BucketFixture.FOURTH.toString());
    fixture.remove(BucketFixture.FOURTH, store);
    assertThat(found(CONTENT)).contains(BucketFixture.FIRST.toString());
    fixture.remove(BucketFixture.FIRST, store);
    assertThat(fixture.keys(KEY)).isEmpty();
  }

  @Test
  void unknown_fields_are_kept() throws Exception {
    ObjectNode document = document(KEY);
    document.put("note", "by a later version");
    fixture.put(KEY, new String(Documents.write(document), UTF_8));
    push(BucketFixture.FOURTH, CONTENT);
    assertThat(document(KEY).path("note").asText()).isEqualTo("by a later version");
    fixture.remove(BucketFixture.FIRST, store);
    assertThat(document(KEY).path("note").asText()).isEqualTo("by a later version");
    assertThat(document(KEY).path("images")).hasSize(1);
  }

  @Test
  void a_push_that_is_skipped_writes_what_is_missing() throws Exception {
    store.delete(new ObjectKey(KEY));
    assertThat(found(CONTENT)).isEmpty();
    assertThat(push(BucketFixture.FIRST, CONTENT)).startsWith("unchanged ");
    assertThat(found(CONTENT)).contains(BucketFixture.FIRST.toString());
  }

  @Test
  void what_is_damaged_is_told_of_and_written_anew_by_the_next_push() throws Exception {
    for (String damage : List.of("{", "{}", "{\"digest\": \"sha256:0\", \"images\": []}")) {
      fixture.put(KEY, damage);
      assertThatThrownBy(() -> found(CONTENT))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining(KEY)
          .hasMessageContaining("push its image again");
      push(BucketFixture.FIRST, CONTENT);
      assertThat(found(CONTENT)).contains(BucketFixture.FIRST.toString());
    }
  }

  @Test
  void it_leads_to_no_image_of_another_app() {
    fixture.put(
        KEY,
        """
        {"digest": "%s", "images": [{"target_path": "images/other/202501/other-20250101-1000-aaaaaaa.json"},
          {"target_path": "../x"}, {"target_path": 7}, 7]}"""
            .formatted(BucketFixture.manifest(CONTENT)));
    assertThat(found(CONTENT)).isEmpty();
  }

  @Test
  void a_push_of_what_a_cleanup_is_just_removing_is_told_to_wait() {
    ObjectNode mark =
        new Tombstone(Tombstone.Stage.DELETING, "r", fixture.clock().instant())
            .markIn(
                Documents.create(), new Actor("u", "h", "t"), OffsetDateTime.now(fixture.clock()));
    fixture.put(KEY, new String(Documents.write(mark), UTF_8));
    assertThat(found(CONTENT)).isEmpty();
    assertThatThrownBy(() -> push(BucketFixture.FOURTH, CONTENT))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("push it again when the cleanup has ended");
    fixture.pass(Duration.ofMinutes(16));
    assertThat(images.find(BucketFixture.FOURTH)).isEmpty();
    assertThatCode(() -> push(BucketFixture.FOURTH, CONTENT)).doesNotThrowAnyException();
    assertThat(found(CONTENT)).contains(BucketFixture.FOURTH.toString());
  }

  @Test
  void so_many_images_of_one_content_are_named() throws Exception {
    ObjectNode document = document(KEY);
    for (int i = 0; i < ManifestObject.MAX_IMAGES; i++) {
      document
          .withArray("images")
          .addObject()
          .put("target_path", "images/my-app/202501/my-app-20250101-1000-%07x.json".formatted(i));
    }
    fixture.put(KEY, new String(Documents.write(document), UTF_8));
    push(BucketFixture.FOURTH, CONTENT);
    assertThat(document(KEY).path("images")).hasSize(ManifestObject.MAX_IMAGES);
    assertThat(found(CONTENT)).contains(BucketFixture.FOURTH.toString());
  }
}
