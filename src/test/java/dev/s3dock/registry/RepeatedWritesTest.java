package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import dev.s3dock.testing.store.RepeatingStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Commands behind a proxy that sends every write of a document twice. */
class RepeatedWritesTest {
  private static final ObjectKey KEY = new ObjectKey("pointers/my-app/staging.json");

  private final BucketFixture fixture = new BucketFixture();
  private final ObjectStore repeating = RepeatingStore.over(fixture.store);

  /** What the last client of the fixture says. */
  private static String run(BucketFixture clients) throws Exception {
    Callable<String> last = clients.clients().removeLast();
    return last.call();
  }

  @Test
  void a_promotion_that_took_effect_is_no_conflict_and_leaves_one_event() throws Exception {
    var before = fixture.events();
    assertThat(run(fixture.promoting(BucketFixture.THIRD, repeating)))
        .isEqualTo("promoted " + BucketFixture.THIRD);
    assertThat(fixture.requireTrailWith(before)).isEqualTo(1);
  }

  @Test
  void a_version_is_written_and_moved() {
    var before = fixture.events();
    Tags tags =
        new Tags(fixture.images(repeating), fixture.pointers(repeating), fixture.audit(repeating));
    assertThat(tags.tag(BucketFixture.FIRST, BucketFixture.V1, false).skipped()).isFalse();
    assertThat(tags.tag(BucketFixture.THIRD, BucketFixture.V1, true).skipped()).isFalse();
    assertThat(fixture.requireTrailWith(before)).isEqualTo(2);
  }

  @Test
  void a_push_publishes_and_sets_aside_once() throws Exception {
    var before = fixture.events();
    run(fixture.pushing(BucketFixture.THIRD, "another archive", repeating));
    run(fixture.pushing(BucketFixture.image("20250104-1000-ddddddd"), "a new one", repeating));
    assertThat(fixture.keys("archive/")).hasSize(2);
    assertThat(fixture.requireTrailWith(before)).isEqualTo(2);
    fixture.requireSound();
  }

  @Test
  void a_cleanup_removes_and_leaves_nothing_marked() {
    var before = fixture.events();
    fixture.cleanup(repeating).apply(BucketFixture.APP, BucketFixture.STRICT, BucketFixture.SILENT);
    assertThat(fixture.keys("images/")).allMatch(key -> key.contains("bbbbbbb"));
    assertThat(fixture.marked()).isEmpty();
    assertThat(fixture.keys("cleanup/")).isEmpty();
    assertThat(fixture.requireTrailWith(before)).isEqualTo(2);
    fixture.requireSound();
  }

  @Test
  void a_cleanup_restores_what_is_needed_meanwhile() {
    AtomicBoolean marked = new AtomicBoolean();
    fixture.store.before(
        (operation, key) -> {
          if (operation == Operation.LIST
              && key.startsWith("pointers/")
              && !fixture.marked().isEmpty()
              && marked.compareAndSet(false, true)) {
            pointAtThird();
          }
        });
    fixture.cleanup(repeating).apply(BucketFixture.APP, BucketFixture.STRICT, BucketFixture.SILENT);
    assertThat(marked).isTrue();
    assertThat(fixture.marked()).isEmpty();
    assertThat(fixture.images(fixture.store).find(BucketFixture.THIRD)).isPresent();
  }

  /** As another client has it between its pointer and its look at the image. */
  private void pointAtThird() {
    String target = BucketLayout.image(BucketFixture.THIRD).archive(ArchiveForm.GZIP).value();
    fixture.put(
        KEY.value(), "{\"target_type\": \"image\", \"target_path\": \"%s\"}".formatted(target));
  }

  @Test
  void a_host_reports() {
    Deployments deployments =
        new Deployments(repeating, fixture.clock(), new Actor("root", "web-1", "s3dock test"));
    for (String deployment : new String[] {"d1", "d2"}) {
      fixture.pass(Duration.ofMinutes(1));
      deployments.report(
          BucketFixture.APP,
          BucketFixture.PRODUCTION,
          BucketFixture.SECOND,
          Optional.empty(),
          "blue",
          deployment,
          true);
    }
    assertThat(deployments.of(BucketFixture.APP, BucketFixture.PRODUCTION))
        .singleElement()
        .satisfies(report -> assertThat(report.deployment()).isEqualTo("d2"));
  }

  @Test
  void what_another_one_has_written_with_the_same_fields_is_not_taken_for_ones_own() {
    DocumentWrites writes = new DocumentWrites(fixture.store);
    ETag state =
        writes.put(KEY, Documents.create().put("says", "the same"), Precondition.ifAbsent());
    assertThatThrownBy(
            () ->
                writes.put(
                    KEY, Documents.create().put("says", "the same"), Precondition.ifAbsent()))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.PRECONDITION_FAILED));
    assertThat(fixture.store.head(KEY).orElseThrow().etag()).isEqualTo(state);
  }
}
