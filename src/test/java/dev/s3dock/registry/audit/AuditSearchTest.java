package dev.s3dock.registry.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.registry.Bucket;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.testing.MovedClock;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is read of a trail, and what is not. The clock is at {@link Bucket#NOW}. */
class AuditSearchTest {
  private static final int EVENTS = 10_000;

  private final Bucket bucket = new Bucket();
  private final AuditSearch search = new AuditSearch(bucket.store, bucket.clock);
  private final List<String> lists = new ArrayList<>();
  private final List<String> reads = new ArrayList<>();

  private ObjectKey event(Instant at) {
    for (int attempt = 1; ; attempt++) {
      ObjectKey key = BucketLayout.audit(Bucket.APP, at, "push", "f7a5a27", attempt);
      if (!bucket.store.contents().containsKey(key.value())) {
        return event(key, at);
      }
    }
  }

  private ObjectKey event(ObjectKey key, Instant at) {
    bucket.put(
        key,
        """
        {"event_type": "push", "timestamp": "%s", "user": "alice"}
        """
            .formatted(at));
    return key;
  }

  private void count() {
    bucket.store.before(
        (operation, key) -> {
          synchronized (this) {
            (operation == Operation.LIST ? lists : reads).add(key);
          }
        });
  }

  private static AuditQuery since(Instant since) {
    return new AuditQuery(
        Bucket.APP,
        Optional.of(since),
        Optional.empty(),
        Set.of(),
        Optional.empty(),
        Optional.empty());
  }

  private List<ObjectKey> found(AuditQuery query) {
    List<ObjectKey> keys = new ArrayList<>();
    search.read(query, entry -> keys.add(entry.key()));
    return keys;
  }

  /** A year of events, evenly spread; half of them in the original's way, two hours ahead. */
  private void aYear() {
    Duration step = Duration.ofDays(365).dividedBy(EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      Instant at = Bucket.NOW.minus(step.multipliedBy(i));
      Instant named = i % 2 == 0 ? at : at.plus(Duration.ofHours(2));
      event(BucketLayout.audit(Bucket.APP, named, "push", "%05x".formatted(i), 1), at);
    }
    count();
  }

  @Test
  void a_day_of_ten_thousand_events_lists_its_month_and_reads_its_day() {
    aYear();
    assertThat(found(since(Bucket.NOW.minus(Duration.ofHours(12))))).hasSize(14);
    assertThat(lists).containsExactly("audit/my-app/", "audit/my-app/202508/");
    assertThat(reads).hasSizeLessThan(60).allMatch(key -> key.startsWith("audit/my-app/202508/"));
  }

  @Test
  void a_span_in_the_past_reads_no_other_months() {
    aYear();
    AuditQuery query =
        new AuditQuery(
            Bucket.APP,
            Optional.of(Instant.parse("2025-02-03T00:00:00Z")),
            Optional.of(Instant.parse("2025-02-04T00:00:00Z")),
            Set.of(),
            Optional.empty(),
            Optional.empty());
    assertThat(found(query)).hasSizeBetween(27, 28);
    assertThat(lists).containsExactly("audit/my-app/", "audit/my-app/202502/");
  }

  @Test
  void the_newest_few_read_the_newest_few() {
    aYear();
    List<AuditEntry> newest = new ArrayList<>();
    search.readNewest(AuditQuery.of(Bucket.APP, Set.of()), 20, newest::add);
    assertThat(newest).hasSize(20).isSortedAccordingTo(AuditEntry.OLDEST_FIRST);
    assertThat(lists).containsExactly("audit/my-app/", "audit/my-app/202508/");
    assertThat(reads).hasSizeLessThan(20 + 17);
  }

  @Test
  void the_newest_few_are_gathered_from_as_many_months_as_it_takes() {
    aYear();
    List<AuditEntry> newest = new ArrayList<>();
    search.readNewest(AuditQuery.of(Bucket.APP, Set.of()), 100, newest::add);
    assertThat(newest).hasSize(100);
    assertThat(lists)
        .containsExactly("audit/my-app/", "audit/my-app/202508/", "audit/my-app/202507/");
  }

  @Test
  void all_of_them_come_in_the_order_of_time() {
    aYear();
    List<Instant> times = new ArrayList<>();
    search.read(AuditQuery.of(Bucket.APP, Set.of()), entry -> times.add(entry.at()));
    assertThat(times).hasSize(EVENTS).isSorted();
  }

  @Test
  void keys_that_tell_another_kind_are_not_read() {
    bucket.publish("20250721-2118-f7a5a27");
    event(Bucket.NOW);
    count();
    assertThat(found(AuditQuery.of(Bucket.APP, Set.of("tag")))).isEmpty();
    assertThat(reads).isEmpty();
  }

  @Test
  void names_that_are_no_events_are_passed_over() {
    bucket.put(new ObjectKey("audit/my-app/202508/20250832-0730-push-f7a5a27.json"), "{}");
    bucket.put(new ObjectKey("audit/my-app/202513/20251301-0730-push-f7a5a27.json"), "{}");
    bucket.put(new ObjectKey("audit/my-app/202508/notes.txt"), "{}");
    ObjectKey good = event(Bucket.NOW);
    assertThat(found(AuditQuery.of(Bucket.APP, Set.of()))).containsExactly(good);
  }

  @Test
  void an_event_that_goes_away_while_the_list_is_read_is_left_out() {
    ObjectKey first = event(Bucket.NOW.minusSeconds(120));
    ObjectKey second = event(Bucket.NOW);
    bucket.store.before(
        (operation, key) -> {
          if (operation == Operation.GET && key.equals(first.value())) {
            bucket.store.delete(first);
          }
        });
    assertThat(found(AuditQuery.of(Bucket.APP, Set.of()))).containsExactly(second);
  }

  @Test
  void each_new_event_is_seen_once_also_one_that_comes_while_the_old_ones_are_read() {
    ObjectKey old = event(Bucket.NOW.minusSeconds(120));
    NewEvents coming = search.watch(since(Bucket.NOW.minus(Duration.ofDays(1))));
    ObjectKey meanwhile = event(Bucket.NOW.minusSeconds(60));
    List<ObjectKey> shown = new ArrayList<>();
    search.read(
        since(Bucket.NOW.minus(Duration.ofDays(1))),
        entry -> {
          coming.saw(entry);
          shown.add(entry.key());
        });
    ObjectKey later = event(Bucket.NOW);
    assertThat(shown).containsExactly(old, meanwhile);
    assertThat(coming.look()).extracting(AuditEntry::key).containsExactly(later);
    assertThat(coming.look()).isEmpty();
    ObjectKey second = event(Bucket.NOW.plusSeconds(2));
    ObjectKey first = event(Bucket.NOW.plusSeconds(1));
    assertThat(coming.look()).extracting(AuditEntry::key).containsExactly(first, second);
  }

  @Test
  void a_clock_that_is_set_back_makes_no_event_new_again() {
    MovedClock clock = new MovedClock(Bucket.NOW);
    event(Bucket.NOW.minus(Duration.ofHours(16)));
    NewEvents coming =
        new AuditSearch(bucket.store, clock).watch(AuditQuery.of(Bucket.APP, Set.of()));
    ObjectKey event = event(Bucket.NOW);
    assertThat(coming.look()).extracting(AuditEntry::key).containsExactly(event);
    clock.pass(Duration.ofHours(20));
    assertThat(coming.look()).isEmpty();
    clock.pass(Duration.ofHours(-22));
    assertThat(coming.look()).isEmpty();
  }

  @Test
  void an_event_whose_own_time_is_wrong_is_not_new_once_it_was_read() {
    NewEvents coming = search.watch(AuditQuery.of(Bucket.APP, Set.of()));
    ObjectKey key = BucketLayout.audit(Bucket.APP, Bucket.NOW, "push", "f7a5a27", 1);
    event(key, Bucket.NOW.minus(Duration.ofDays(400)));
    search.read(AuditQuery.of(Bucket.APP, Set.of()), coming::saw);
    assertThat(coming.look()).isEmpty();
  }

  @Test
  void a_look_lists_the_month_and_reads_what_is_new() {
    aYear();
    NewEvents coming = search.watch(AuditQuery.of(Bucket.APP, Set.of()));
    ObjectKey added = event(Bucket.NOW);
    lists.clear();
    reads.clear();
    assertThat(coming.look()).extracting(AuditEntry::key).containsExactly(added);
    assertThat(lists).containsExactly("audit/my-app/", "audit/my-app/202508/");
    assertThat(reads).containsExactly(added.value());
  }
}
