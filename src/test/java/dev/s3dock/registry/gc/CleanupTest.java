package dev.s3dock.registry.gc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketFixture;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.gc.Cleanup.Plan;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CleanupTest {
  private static final Retention NO_RULE =
      new Retention(Optional.empty(), Optional.empty(), false, 5, Optional.empty());
  private static final Retention EXCEPT_TAGGED =
      new Retention(Optional.empty(), Optional.empty(), true, 1, Optional.empty());

  private final BucketFixture fixture = new BucketFixture();

  private static Retention olderThan(Duration age) {
    return new Retention(Optional.empty(), Optional.of(age), false, 1, Optional.empty());
  }

  private static Retention keepLast(int most) {
    return new Retention(Optional.of(most), Optional.empty(), false, 1, Optional.empty());
  }

  private List<String> planned(Retention retention) {
    return names(fixture.cleanup(fixture.store).plan(BucketFixture.APP, retention));
  }

  private static List<String> names(Plan plan) {
    return plan.removals().stream().map(Removal::name).toList();
  }

  private List<String> apply(Retention retention) {
    List<String> gone = new ArrayList<>();
    fixture
        .cleanup(fixture.store)
        .apply(
            BucketFixture.APP,
            retention,
            new Cleanup.Listener() {
              @Override
              public void removed(Removal removal) {
                gone.add(removal.name());
              }

              @Override
              public void kept(Removal removal, String why) {
                gone.add("kept " + removal.name() + ": " + why);
              }
            });
    return gone;
  }

  private static String file(String stamp, String suffix) {
    return "images/my-app/202501/my-app-" + stamp + suffix;
  }

  @Test
  void a_plan_changes_nothing() {
    var before = fixture.store.contents().keySet();
    assertThat(planned(EXCEPT_TAGGED))
        .containsExactly(BucketFixture.THIRD.toString(), BucketFixture.FIRST.toString());
    assertThat(fixture.store.contents().keySet()).isEqualTo(before);
  }

  @Test
  void what_goes_leaves_nothing_but_an_event() {
    assertThat(apply(EXCEPT_TAGGED))
        .containsExactly(BucketFixture.THIRD.toString(), BucketFixture.FIRST.toString());
    assertThat(fixture.keys("images/"))
        .containsExactly(
            file("20250102-1000-bbbbbbb", ".json"), file("20250102-1000-bbbbbbb", ".tar.gz"));
    assertThat(fixture.keys("cleanup/")).isEmpty();
    assertThat(fixture.keys("audit/"))
        .filteredOn(key -> key.contains("cleanup"))
        .containsExactly(
            "audit/my-app/202505/20250512-1208-cleanup-aaaaaaa.json",
            "audit/my-app/202505/20250512-1208-cleanup-ccccccc.json");
    fixture.requireSound();
  }

  /** docs/operations.md says so. */
  @Test
  void a_removal_takes_as_many_requests_as_the_documents_say() {
    Map<Operation, Integer> one = requestsToRemove(keepLast(1));
    Map<Operation, Integer> two = requestsToRemove(EXCEPT_TAGGED);
    assertThat(two.keySet()).isEqualTo(one.keySet());
    Map<Operation, Integer> each = new EnumMap<>(Operation.class);
    two.forEach((operation, count) -> each.put(operation, count - one.getOrDefault(operation, 0)));
    each.values().removeIf(count -> count == 0);
    assertThat(each)
        .isEqualTo(
            Map.of(
                Operation.GET, 1,
                Operation.PUT, 3,
                Operation.LIST, 1,
                Operation.DELETE, 2));
  }

  private static Map<Operation, Integer> requestsToRemove(Retention retention) {
    BucketFixture fresh = new BucketFixture();
    Map<Operation, Integer> counts = new EnumMap<>(Operation.class);
    fresh.store.before((operation, key) -> counts.merge(operation, 1, Integer::sum));
    fresh.cleanup(fresh.store).apply(BucketFixture.APP, retention, new Silent());
    return counts;
  }

  @Test
  void without_a_rule_no_image_goes() {
    assertThat(planned(NO_RULE)).isEmpty();
  }

  @Test
  void every_rule_has_to_let_an_image_go() {
    assertThat(planned(keepLast(1))).containsExactly(BucketFixture.FIRST.toString());
    assertThat(planned(keepLast(3))).isEmpty();
    assertThat(planned(olderThan(Duration.ofDays(99)))).hasSize(2);
    assertThat(planned(olderThan(Duration.ofDays(101)))).isEmpty();
  }

  @Test
  void what_is_younger_than_a_day_stays_whatever_the_rules_say() {
    BucketFixture young = new BucketFixture();
    young.pass(Duration.ofDays(-100));
    Plan plan = young.cleanup(young.store).plan(BucketFixture.APP, EXCEPT_TAGGED);
    assertThat(plan.removals()).isEmpty();
    assertThat(plan.imagesKept()).isEqualTo(3);
  }

  @Test
  void what_a_version_or_an_environment_leads_to_stays() throws Exception {
    fixture.tagging(BucketFixture.FIRST, false).clients().getFirst().call();
    assertThat(planned(EXCEPT_TAGGED)).containsExactly(BucketFixture.THIRD.toString());
  }

  @Test
  void the_last_targets_of_an_environment_stay() {
    assertThat(planned(new Retention(Optional.of(0), Optional.empty(), false, 2, Optional.empty())))
        .containsExactly(BucketFixture.THIRD.toString());
  }

  /** The reads and listings of the audit trail that a plan makes. */
  private List<String> trailOf(Retention retention) {
    List<String> asked = new ArrayList<>();
    fixture.store.before(
        (operation, key) -> {
          if (key.startsWith("audit/")) {
            asked.add(operation + " " + key);
          }
        });
    planned(retention);
    fixture.store.before((operation, key) -> {});
    return asked;
  }

  @Test
  void the_trail_is_not_read_if_all_that_may_go_is_needed_anyway() throws Exception {
    assertThat(trailOf(EXCEPT_TAGGED)).isNotEmpty();
    fixture.tagging(BucketFixture.FIRST, false).clients().getFirst().call();
    fixture.put(
        "deployments/my-app/production/web-1.json",
        """
        {"host": "web-1", "image_reference": "%s"}"""
            .formatted(BucketFixture.THIRD));
    assertThat(trailOf(EXCEPT_TAGGED)).isEmpty();
    assertThat(planned(EXCEPT_TAGGED)).isEmpty();
  }

  @Test
  void the_trail_is_read_no_further_than_to_the_last_that_may_go() throws Exception {
    fixture.promoting(BucketFixture.THIRD).clients().getFirst().call();
    fixture.promoting(BucketFixture.FIRST).clients().getFirst().call();
    Retention two = new Retention(Optional.of(0), Optional.empty(), false, 9, Optional.empty());
    fixture.put("audit/my-app/202401/20240101-0000-promotion-0000000.json", "{ damaged");
    assertThat(planned(two)).isEmpty();
    assertThat(trailOf(two)).noneMatch(asked -> asked.contains("202401/"));
  }

  @Test
  void what_a_version_was_before_it_moved_under_an_environment_stays() throws Exception {
    fixture.withVersion().promotingVersion().clients().getFirst().call();
    fixture.pass(Duration.ofMinutes(1));
    fixture.tagging(BucketFixture.THIRD, true).clients().getLast().call();
    assertThat(planned(new Retention(Optional.of(0), Optional.empty(), false, 2, Optional.empty())))
        .containsExactly(BucketFixture.SECOND.toString());
  }

  @Test
  void what_a_host_reports_stays() {
    fixture.put(
        "deployments/my-app/production/web-1.json",
        """
        {"host": "web-1", "image_reference": "%s", "previous_image": "%s"}"""
            .formatted(BucketFixture.THIRD, BucketFixture.FIRST));
    assertThat(planned(EXCEPT_TAGGED)).isEmpty();
  }

  @Test
  void what_cannot_be_read_may_need_anything() {
    for (String key :
        List.of(
            "tags/my-app/v2.0.0.json",
            "pointers/my-app/staging.json",
            "deployments/my-app/production/web-1.json",
            "audit/my-app/202502/20250202-1000-promotion-abcdef0.json")) {
      BucketFixture damaged = new BucketFixture();
      damaged.put(key, "{");
      assertThatThrownBy(
              () -> damaged.cleanup(damaged.store).plan(BucketFixture.APP, EXCEPT_TAGGED))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining(key);
    }
  }

  @Test
  void all_platforms_of_an_image_go_together() throws Exception {
    fixture.pass(Duration.ofDays(-100));
    fixture.pushingFurtherPlatform(BucketFixture.THIRD).clients().getFirst().call();
    fixture.pass(Duration.ofDays(100));
    assertThat(apply(EXCEPT_TAGGED)).contains(BucketFixture.THIRD.toString());
    assertThat(fixture.keys("images/")).noneMatch(key -> key.contains("ccccccc"));
  }

  @Test
  void an_archive_without_metadata_goes_after_a_day() {
    String key = file("20250104-1000-ddddddd", ".tar.gz");
    fixture.put(key, "half a push");
    assertThat(planned(NO_RULE)).isEmpty();
    fixture.pass(Duration.ofHours(25));
    assertThat(apply(NO_RULE)).containsExactly(key);
    assertThat(fixture.keys("images/")).doesNotContain(key);
  }

  /** It keeps a push from publishing what is being deleted, and no image counts fewer for it. */
  @Test
  void the_mark_of_an_archive_without_metadata_goes_with_the_next_cleanup() throws Exception {
    fixture.put(file("20250104-1000-ddddddd", ".tar.gz"), "half a push");
    fixture.pass(Duration.ofHours(25));
    apply(NO_RULE);
    String mark = file("20250104-1000-ddddddd", ".json");
    assertThat(fixture.keys("images/")).contains(mark);
    assertThat(fixture.cleanup(fixture.store).plan(BucketFixture.APP, NO_RULE).imagesKept())
        .isEqualTo(3);
    assertThat(fixture.verifying().clients().getLast().call()).isEqualTo("verified []");
    assertThat(apply(NO_RULE)).isEmpty();
    fixture.pass(Duration.ofMinutes(16));
    assertThat(apply(NO_RULE)).containsExactly(mark);
    assertThat(fixture.keys("images/")).doesNotContain(mark);
  }

  @Test
  void a_commit_is_pushed_over_the_mark_of_its_lost_archive() throws Exception {
    fixture.put(file("20250104-1000-ddddddd", ".tar.gz"), "half a push");
    fixture.pass(Duration.ofHours(25));
    apply(NO_RULE);
    fixture.pass(Duration.ofMinutes(16));
    fixture.pushing(BucketFixture.FOURTH, "whole").clients().getLast().call();
    assertThat(apply(NO_RULE)).isEmpty();
    assertThat(fixture.images(fixture.store).find(BucketFixture.FOURTH)).isPresent();
  }

  /** Ceph lists milliseconds, and answers a HEAD with the seconds of a header. */
  @Test
  void an_archive_without_metadata_goes_where_listings_tell_the_time_more_exactly() {
    fixture.pass(Duration.ofMillis(250));
    String orphan = "images/my-app/202501/my-app-20250110-1000-eeeeeee.tar.gz";
    fixture.put(orphan, "orphan");
    fixture.pass(Duration.ofDays(2));
    fixture
        .cleanup(inSeconds(fixture.store))
        .apply(BucketFixture.APP, NO_RULE, BucketFixture.SILENT);
    assertThat(fixture.keys("images/")).doesNotContain(orphan);
  }

  private static ObjectStore inSeconds(ObjectStore store) {
    return (ObjectStore)
        Proxy.newProxyInstance(
            CleanupTest.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> {
              Object answer = method.invoke(store, arguments);
              return method.getName().equals("head")
                  ? ((Optional<?>) answer).map(stat -> inSeconds((ObjectStat) stat))
                  : answer;
            });
  }

  private static ObjectStat inSeconds(ObjectStat stat) {
    return new ObjectStat(
        stat.key(), stat.size(), stat.etag(), stat.lastModified().truncatedTo(ChronoUnit.SECONDS));
  }

  @Test
  void an_app_with_more_than_memory_holds_is_refused_by_name_and_untouched() {
    Map<String, byte[]> before = fixture.store.contents();
    assertThatThrownBy(
            () -> cleanupOfAtMost(2).apply(BucketFixture.APP, EXCEPT_TAGGED, BucketFixture.SILENT))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.TOO_MANY))
        .hasMessageContaining("my-app has more than 2 images")
        .hasMessageContaining("S3DOCK_JAVA_OPTS");
    assertThat(fixture.store.contents().keySet()).isEqualTo(before.keySet());
    assertThat(cleanupOfAtMost(3).plan(BucketFixture.APP, EXCEPT_TAGGED).removals()).hasSize(2);
  }

  private Cleanup cleanupOfAtMost(long images) {
    return new Cleanup(
        fixture.store,
        fixture.pointers(fixture.store),
        new AuditTrail(fixture.store),
        fixture.audit(fixture.store),
        fixture.clock(),
        new Actor("tester", "host-1", "s3dock test"),
        1,
        images);
  }

  @Test
  void an_archive_that_a_pointer_leads_to_stays_even_without_metadata() {
    fixture.store.delete(new ObjectKey(file("20250102-1000-bbbbbbb", ".json")));
    assertThat(planned(NO_RULE)).isEmpty();
    assertThat(planned(EXCEPT_TAGGED)).hasSize(2);
  }

  @Test
  void temporary_objects_and_uploads_go_after_a_day() {
    fixture.put("temporary/my-app/0f1e-1", "part");
    var upload = fixture.store.startUpload(new ObjectKey(file("20250105-1000-eeeeeee", ".tar.gz")));
    upload.uploadPart(1, new byte[] {1}, 0, 1);
    assertThat(planned(NO_RULE)).isEmpty();
    fixture.pass(Duration.ofHours(25));
    assertThat(apply(NO_RULE)).hasSize(2);
    assertThat(fixture.keys("temporary/")).isEmpty();
    assertThat(fixture.store.openUploads()).isZero();
  }

  @Test
  void what_was_set_aside_goes_when_that_is_asked_for() throws Exception {
    fixture.pushing(BucketFixture.THIRD, "another one").clients().getFirst().call();
    assertThat(fixture.keys("archive/")).hasSize(2);
    fixture.pass(Duration.ofDays(31));
    assertThat(planned(NO_RULE)).isEmpty();
    Retention aMonth =
        new Retention(
            Optional.empty(), Optional.empty(), false, 5, Optional.of(Duration.ofDays(30)));
    assertThat(apply(aMonth)).hasSize(1);
    assertThat(fixture.keys("archive/")).isEmpty();
    assertThat(fixture.keys("audit/")).anyMatch(key -> key.contains("cleanup-ccccccc"));
  }

  @Test
  void what_becomes_needed_while_it_is_marked_stays() {
    boolean[] done = new boolean[1];
    String metadata = file("20250101-1000-aaaaaaa", ".json");
    fixture.store.before(
        (operation, key) -> {
          if (operation == Operation.PUT && key.equals(metadata) && !done[0]) {
            done[0] = true; // a tag that has been written, and not looked at the image again
            fixture.put(
                "tags/my-app/v9.9.9.json",
                """
                {"target_type": "image", "target_path": "%s", "source_image": "%s"}"""
                    .formatted(metadata.replace(".json", ".tar.gz"), BucketFixture.FIRST));
          }
        });
    assertThat(apply(EXCEPT_TAGGED))
        .contains("kept " + BucketFixture.FIRST + ": needed meanwhile: version v9.9.9");
    fixture.requireSound();
    assertThat(fixture.images(fixture.store).find(BucketFixture.FIRST)).isPresent();
  }

  @Test
  void a_push_does_not_write_over_what_is_being_removed() {
    List<Exception> failures = new ArrayList<>();
    String archive = file("20250101-1000-aaaaaaa", ".tar.gz");
    fixture.store.before(
        (operation, key) -> {
          if (operation == Operation.DELETE && key.equals(archive)) {
            fixture.store.before((o, k) -> {});
            try {
              fixture.pushing(BucketFixture.FIRST, "again").clients().getFirst().call();
            } catch (Exception e) {
              failures.add(e);
            }
          }
        });
    apply(EXCEPT_TAGGED);
    assertThat(failures).singleElement().asString().contains("a cleanup has been removing");
    assertThat(fixture.keys("images/")).noneMatch(key -> key.contains("aaaaaaa"));
  }

  @Test
  void a_push_may_write_over_what_a_dead_cleanup_was_deleting() throws Exception {
    dieAt(Operation.DELETE, file("20250101-1000-aaaaaaa", ".tar.gz"));
    fixture.pass(Duration.ofMinutes(16));
    fixture.pushing(BucketFixture.FIRST, "again").clients().getFirst().call();
    apply(NO_RULE);
    assertThat(fixture.images(fixture.store).find(BucketFixture.FIRST)).isPresent();
    assertThat(fixture.keys("cleanup/")).isEmpty();
    fixture.requireSound();
  }

  @Test
  void the_next_cleanup_restores_what_was_only_marked() {
    dieAt(Operation.LIST, "tags/my-app/");
    assertThat(fixture.images(fixture.store).find(BucketFixture.FIRST)).isEmpty();
    assertThat(fixture.cleanup(fixture.store).plan(BucketFixture.APP, NO_RULE).interrupted())
        .isZero();
    fixture.pass(Duration.ofMinutes(16));
    assertThat(fixture.cleanup(fixture.store).plan(BucketFixture.APP, NO_RULE).interrupted())
        .isOne();
    apply(NO_RULE);
    assertThat(fixture.images(fixture.store).find(BucketFixture.FIRST)).isPresent();
    assertThat(fixture.images(fixture.store).find(BucketFixture.THIRD)).isPresent();
    assertThat(fixture.keys("cleanup/")).isEmpty();
  }

  @Test
  void the_next_cleanup_ends_an_interrupted_deletion() {
    dieAt(Operation.DELETE, file("20250101-1000-aaaaaaa", ".tar.gz"));
    fixture.pass(Duration.ofMinutes(16));
    apply(NO_RULE);
    assertThat(fixture.keys("images/")).noneMatch(key -> key.contains("aaaaaaa"));
    assertThat(fixture.keys("cleanup/")).isEmpty();
    fixture.requireSound();
  }

  /** As a process does that is killed: no store call after this one takes effect. */
  private void dieAt(Operation operation, String key) {
    boolean[] dead = new boolean[1];
    boolean[] armed = {operation != Operation.LIST};
    fixture.store.before(
        (o, k) -> {
          armed[0] |= o == Operation.PUT && k.startsWith("images/");
          dead[0] |= armed[0] && o == operation && k.equals(key);
          if (dead[0]) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "dead");
          }
        });
    assertThatThrownBy(() -> apply(EXCEPT_TAGGED)).hasMessageContaining("dead");
    fixture.store.before((o, k) -> {});
  }

  @Test
  void a_failure_leaves_nothing_marked() {
    boolean[] armed = new boolean[1];
    fixture.store.before(
        (operation, key) -> {
          armed[0] |= operation == Operation.PUT && key.startsWith("images/");
          if (armed[0] && operation == Operation.LIST && key.equals("deployments/my-app/")) {
            throw new StoreException(StoreException.Kind.ACCESS_DENIED, "no");
          }
        });
    assertThatThrownBy(() -> apply(EXCEPT_TAGGED)).isInstanceOf(StoreException.class);
    assertThat(fixture.images(fixture.store).find(BucketFixture.FIRST)).isPresent();
    assertThat(fixture.images(fixture.store).find(BucketFixture.THIRD)).isPresent();
  }

  private Cleanup anHourAhead() {
    BucketFixture other = new BucketFixture();
    other.pass(Duration.ofHours(1));
    return new Cleanup(
        fixture.store,
        fixture.pointers(fixture.store),
        new AuditTrail(fixture.store),
        fixture.audit(fixture.store),
        other.clock(),
        new Actor("tester", "host-1", "s3dock test"),
        1);
  }

  @Test
  void a_clock_that_is_wrong_removes_nothing() {
    Cleanup hasty = anHourAhead();
    assertThatThrownBy(() -> hasty.apply(BucketFixture.APP, EXCEPT_TAGGED, new Silent()))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("clock");
    assertThat(fixture.keys("images/")).hasSize(6);
    assertThat(fixture.keys("cleanup/")).isEmpty();
  }

  @Test
  void a_clock_that_is_wrong_does_not_end_a_cleanup_that_is_at_work() {
    dieAt(Operation.DELETE, file("20250101-1000-aaaaaaa", ".tar.gz"));
    Cleanup hasty = anHourAhead();
    assertThatThrownBy(() -> hasty.apply(BucketFixture.APP, NO_RULE, new Silent()))
        .hasMessageContaining("clock");
    assertThat(fixture.keys("images/")).contains(file("20250101-1000-aaaaaaa", ".tar.gz"));
    assertThat(fixture.keys("cleanup/")).hasSize(1);
  }

  private static final class Silent implements Cleanup.Listener {
    @Override
    public void removed(Removal removal) {}

    @Override
    public void kept(Removal removal, String why) {}
  }

  @Test
  void an_image_of_the_original_is_found_and_removed_whatever_month_it_is_filed_in() {
    fixture.put("images/my-app/202502/my-app-20250120-0900-fffffff.tar.gz", "of the original");
    fixture.put(
        "images/my-app/202502/my-app-20250120-0900-fffffff.json",
        """
        {"checksum": "%s", "size": 15}"""
            .formatted("0".repeat(32)));
    fixture.pass(Duration.ofDays(2));
    assertThat(apply(EXCEPT_TAGGED)).contains("my-app:20250120-0900-fffffff");
    assertThat(fixture.keys("images/my-app/202502/")).isEmpty();
  }
}
