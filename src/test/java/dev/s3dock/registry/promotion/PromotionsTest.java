package dev.s3dock.registry.promotion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Bucket;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.RegistryException.Kind;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PromotionsTest {
  private static final Environment PRODUCTION = new Environment("production");
  private static final Version V1 = new Version("v1.0.0");
  private static final String POINTER = "pointers/my-app/production.json";

  private final Bucket bucket = new Bucket();
  private final ImageReference old = bucket.publish("20250720-1045-def5678");
  private final ImageReference image = bucket.publish("20250721-2118-f7a5a27");

  private ImageReference current() {
    return bucket
        .pointers
        .follow(bucket.pointers.find(Bucket.APP, PRODUCTION).orElseThrow())
        .reference();
  }

  @Test
  void a_promotion_writes_the_pointer_in_the_original_form() {
    bucket.promotions.promote(image, PRODUCTION, Optional.empty());
    assertThat(bucket.unsigned(POINTER))
        .isEqualTo(
            """
            {
              "target_type": "image",
              "target_path": "images/my-app/202507/my-app-20250721-2118-f7a5a27.tar.gz",
              "promoted_at": "2025-08-02T09:30:12.25+02:00",
              "promoted_by": "deployer",
              "git_hash": "f7a5a27",
              "git_time": "20250721-2118",
              "source_image": "my-app:20250721-2118-f7a5a27"
            }\
            """);
  }

  @Test
  void two_promotions_in_one_minute_leave_two_events() {
    bucket.promotions.promote(image, PRODUCTION, Optional.empty());
    var second = bucket.promotions.promote(image, PRODUCTION, Optional.empty());
    assertThat(second.skipped()).isTrue();
    assertThat(bucket.keys("audit/"))
        .containsExactly(
            "audit/my-app/202508/20250802-0730-promotion-f7a5a27-2.json",
            "audit/my-app/202508/20250802-0730-promotion-f7a5a27.json");
    assertThat(bucket.text("audit/my-app/202508/20250802-0730-promotion-f7a5a27.json"))
        .contains("\"host\": \"host-1\"", "\"tool\": \"s3dock test\"")
        .doesNotContain("was_skipped");
  }

  @Test
  void a_promotion_by_version_follows_the_version() {
    bucket.tags.tag(old, V1, false);
    var promoted = bucket.promotions.promote(Bucket.APP, V1, PRODUCTION, Optional.empty());
    assertThat(promoted.sourceType()).isEqualTo("tag");
    bucket.tags.tag(image, V1, true);
    assertThat(current()).isEqualTo(image);
  }

  @Test
  void going_from_a_version_to_an_image_drops_the_version_and_keeps_unknown_fields() {
    bucket.tags.tag(old, V1, false);
    bucket.promotions.promote(Bucket.APP, V1, PRODUCTION, Optional.empty());
    bucket.put(
        new ObjectKey(POINTER),
        bucket.text(POINTER).replace("{\n", "{\n  \"ticket\": \"OPS-7\",\n"));
    bucket.promotions.promote(image, PRODUCTION, Optional.empty());
    assertThat(bucket.text(POINTER)).contains("\"ticket\": \"OPS-7\"").doesNotContain("source_tag");
    assertThat(bucket.text("audit/my-app/202508/20250802-0730-promotion-f7a5a27.json"))
        .contains("\"previous_target\": \"tags/my-app/v1.0.0.json\"");
  }

  @Test
  void an_expectation_that_does_not_hold_is_a_conflict_and_changes_nothing() {
    bucket.promotions.promote(old, PRODUCTION, Optional.empty());
    String before = bucket.text(POINTER);
    assertThatThrownBy(() -> bucket.promotions.promote(image, PRODUCTION, Optional.of(image)))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT))
        .satisfies(e -> assertThat(e).hasMessageContaining(old.toString()));
    assertThat(bucket.text(POINTER)).isEqualTo(before);
    bucket.promotions.promote(image, PRODUCTION, Optional.of(old));
    assertThat(current()).isEqualTo(image);
  }

  @Test
  void a_lost_race_tells_who_moved_it_to_what_and_when() {
    bucket.promotions.promote(old, PRODUCTION, Optional.empty());
    ImageReference third = bucket.publish("20250722-0900-abcdef0");
    AtomicBoolean done = new AtomicBoolean();
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT
              && key.equals(POINTER)
              && done.compareAndSet(false, true)) {
            bucket.promotions.promote(third, PRODUCTION, Optional.empty());
          }
        });
    assertThatThrownBy(() -> bucket.promotions.promote(image, PRODUCTION, Optional.empty()))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT))
        .satisfies(
            e ->
                assertThat(e)
                    .hasMessageContainingAll(
                        "deployer", third.toString(), "2025-08-02T09:30:12+02:00"));
    assertThat(current()).isEqualTo(third);
  }

  @Test
  void a_first_promotion_that_loses_the_race_is_a_conflict_too() {
    AtomicBoolean done = new AtomicBoolean();
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT
              && key.equals(POINTER)
              && done.compareAndSet(false, true)) {
            bucket.promotions.promote(old, PRODUCTION, Optional.empty());
          }
        });
    assertThatThrownBy(() -> bucket.promotions.promote(image, PRODUCTION, Optional.empty()))
        .isInstanceOf(RegistryException.class);
    assertThat(current()).isEqualTo(old);
  }

  @Test
  void a_pointer_to_an_image_that_goes_away_meanwhile_is_taken_back() {
    removeImageBeforePointerIsWritten();
    assertThatThrownBy(() -> bucket.promotions.promote(image, PRODUCTION, Optional.empty()))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
    assertThat(bucket.pointers.find(Bucket.APP, PRODUCTION)).isEmpty();
    bucket.promotions.promote(old, PRODUCTION, Optional.empty());
    assertThat(current()).isEqualTo(old);
    assertThat(bucket.text(POINTER)).doesNotContain("tombstone");
  }

  @Test
  void a_pointer_that_is_taken_back_leads_to_where_it_led_before() {
    bucket.promotions.promote(old, PRODUCTION, Optional.empty());
    String before = bucket.text(POINTER);
    removeImageBeforePointerIsWritten();
    assertThatThrownBy(() -> bucket.promotions.promote(image, PRODUCTION, Optional.empty()))
        .isInstanceOf(RegistryException.class);
    assertThat(bucket.text(POINTER)).isEqualTo(before);
  }

  private void removeImageBeforePointerIsWritten() {
    ObjectKey metadata = BucketLayout.image(image).metadata();
    AtomicBoolean done = new AtomicBoolean();
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT
              && key.equals(POINTER)
              && done.compareAndSet(false, true)) {
            bucket.put(metadata, "{\"tombstone\": {\"by\": \"cleanup\"}}");
          }
        });
  }

  @Test
  void an_image_that_is_not_published_cannot_be_promoted() {
    assertThatThrownBy(
            () ->
                bucket.promotions.promote(
                    Bucket.image("20250721-2118-f7a5a28"), PRODUCTION, Optional.empty()))
        .asInstanceOf(type(RegistryException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .satisfies(e -> assertThat(e.existing()).contains("20250721-2118-f7a5a27"));
    assertThat(bucket.keys("pointers/")).isEmpty();
    assertThat(bucket.keys("audit/")).isEmpty();
  }

  @Test
  void an_event_that_cannot_be_written_fails_the_command_and_tells_what_took_effect() {
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT && key.startsWith("audit/")) {
            throw new StoreException(StoreException.Kind.ACCESS_DENIED, "no permission to put");
          }
        });
    assertThatThrownBy(() -> bucket.promotions.promote(image, PRODUCTION, Optional.empty()))
        .isInstanceOf(StoreException.class)
        .hasMessageContainingAll("production of my-app is at", "audit/my-app/", "no permission");
    assertThat(current()).isEqualTo(image);
  }
}
