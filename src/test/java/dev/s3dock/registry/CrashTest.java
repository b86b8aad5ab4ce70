package dev.s3dock.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.registry.promotion.Removals;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.testing.store.CrashingStore;
import dev.s3dock.testing.store.CrashingStore.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Commands that move pointers, stopped dead before and after each of their store calls. */
class CrashTest {
  /** A command, in whatever process. */
  interface Command {
    void run(BucketFixture fixture, ObjectStore store);
  }

  private static Arguments command(
      String name, UnaryOperator<BucketFixture> before, ImageReference moved, Command command) {
    return Arguments.of(name, before, moved, command);
  }

  private static void tag(
      BucketFixture fixture, ObjectStore store, ImageReference image, boolean move) {
    new Tags(fixture.images(store), fixture.pointers(store), fixture.audit(store))
        .tag(image, BucketFixture.V1, move);
  }

  private static void back(BucketFixture fixture, ObjectStore store) {
    fixture
        .promotions(store)
        .back(BucketFixture.APP, BucketFixture.PRODUCTION, new AuditTrail(store));
  }

  private static void promoteVersion(BucketFixture fixture, ObjectStore store) {
    fixture
        .promotions(store)
        .promote(BucketFixture.APP, BucketFixture.V1, BucketFixture.PRODUCTION, Optional.empty());
  }

  static Stream<Arguments> tags() {
    return Stream.of(
        command(
            "tag",
            UnaryOperator.identity(),
            BucketFixture.FIRST,
            (fixture, store) -> tag(fixture, store, BucketFixture.FIRST, false)),
        command(
            "tag --move",
            BucketFixture::withVersion,
            BucketFixture.THIRD,
            (fixture, store) -> tag(fixture, store, BucketFixture.THIRD, true)));
  }

  static Stream<Arguments> moves() {
    return Stream.of(
        command(
            "promote",
            UnaryOperator.identity(),
            BucketFixture.THIRD,
            (fixture, store) ->
                fixture
                    .promotions(store)
                    .promote(BucketFixture.THIRD, BucketFixture.PRODUCTION, Optional.empty())),
        command(
            "promote a version",
            BucketFixture::withVersionOfThird,
            BucketFixture.THIRD,
            CrashTest::promoteVersion),
        command("rollback", UnaryOperator.identity(), BucketFixture.FIRST, CrashTest::back));
  }

  private static Stream<Arguments> atBothMoments(Stream<Arguments> commands) {
    return commands.flatMap(
        command ->
            Stream.of(Moment.values())
                .map(
                    moment -> {
                      List<Object> all = new ArrayList<>(List.of(command.get()));
                      all.add(moment);
                      return Arguments.of(all.toArray());
                    }));
  }

  static Stream<Arguments> tagsAtBothMoments() {
    return atBothMoments(tags());
  }

  static Stream<Arguments> movesAtBothMoments() {
    return atBothMoments(moves());
  }

  private static Optional<ImageReference> production(BucketFixture fixture) {
    Pointers pointers = fixture.pointers(fixture.store);
    return pointers
        .find(BucketFixture.APP, BucketFixture.PRODUCTION)
        .map(pointer -> pointers.follow(pointer).reference());
  }

  /** Dies at each call, and looks what is there after that. */
  private static int deaths(
      UnaryOperator<BucketFixture> before, Command command, Moment moment, After after)
      throws Exception {
    return CrashingStore.atEachCall(
        moment,
        process -> {
          BucketFixture fixture = before.apply(new BucketFixture());
          SortedMap<String, byte[]> trail = fixture.events();
          process.does(fixture.store, store -> command.run(fixture, store));
          fixture.requireSound();
          int written = fixture.requireTrailWith(trail);
          assertThat(written).isLessThanOrEqualTo(1);
          assertThat(written == 1 || process.isStruck()).isTrue();
          fixture.pass(Duration.ofMinutes(2));
          after.look(fixture, written);
          fixture.requireSound();
          fixture.requireTrailWith(trail);
        });
  }

  /** What is done and found after a death. */
  private interface After {
    /**
     * @param events that the dead command has left
     */
    void look(BucketFixture fixture, int events);
  }

  @ParameterizedTest(name = "{0}, dies {4}")
  @MethodSource("tagsAtBothMoments")
  void a_tag_can_be_given_again(
      String name,
      UnaryOperator<BucketFixture> before,
      ImageReference tagged,
      Command command,
      Moment moment)
      throws Exception {
    int deaths =
        deaths(
            before,
            command,
            moment,
            (fixture, _) -> {
              command.run(fixture, fixture.store);
              Pointers pointers = fixture.pointers(fixture.store);
              Pointer version = pointers.find(BucketFixture.APP, BucketFixture.V1).orElseThrow();
              assertThat(pointers.follow(version).reference()).isEqualTo(tagged);
            });
    assertThat(deaths).as(name).isGreaterThan(4);
  }

  @ParameterizedTest(name = "{0}, dies {4}")
  @MethodSource("movesAtBothMoments")
  void a_promotion_can_be_made_again(
      String name,
      UnaryOperator<BucketFixture> before,
      ImageReference target,
      Command command,
      Moment moment)
      throws Exception {
    Command again =
        name.equals("rollback")
            ? (fixture, store) ->
                fixture
                    .promotions(store)
                    .promote(target, BucketFixture.PRODUCTION, Optional.empty())
            : command;
    int deaths =
        deaths(
            before,
            command,
            moment,
            (fixture, _) -> {
              again.run(fixture, fixture.store);
              assertThat(production(fixture)).contains(target);
            });
    assertThat(deaths).as(name).isGreaterThan(4);
  }

  /** Also where the event of the last move is lost, a rollback takes that move back. */
  @ParameterizedTest(name = "{0}, dies {4}")
  @MethodSource("movesAtBothMoments")
  void a_rollback_leads_to_what_was_there_before(
      String name,
      UnaryOperator<BucketFixture> before,
      ImageReference target,
      Command command,
      Moment moment)
      throws Exception {
    int deaths =
        deaths(
            before,
            command,
            moment,
            (fixture, _) -> {
              boolean moved = production(fixture).equals(Optional.of(target));
              back(fixture, fixture.store);
              assertThat(production(fixture))
                  .contains(moved ? BucketFixture.SECOND : BucketFixture.FIRST);
            });
    assertThat(deaths).as(name).isGreaterThan(4);
  }

  @ParameterizedTest(name = "{0}, dies {4}")
  @MethodSource("movesAtBothMoments")
  void the_history_ends_with_what_is_there_and_has_lost_nothing(
      String name,
      UnaryOperator<BucketFixture> before,
      ImageReference target,
      Command command,
      Moment moment)
      throws Exception {
    deaths(
        before,
        command,
        moment,
        (fixture, _) -> {
          List<String> images = new ArrayList<>();
          fixture
              .history()
              .read(
                  BucketFixture.APP,
                  BucketFixture.PRODUCTION,
                  period -> images.add(period.image().orElseThrow()));
          List<String> expected =
              new ArrayList<>(
                  List.of(BucketFixture.FIRST.toString(), BucketFixture.SECOND.toString()));
          if (production(fixture).equals(Optional.of(target))) {
            expected.add(target.toString());
          }
          assertThat(images).as(name).isEqualTo(expected);
        });
  }

  /** What the dead command has moved away from is still kept as a target of rollbacks. */
  @ParameterizedTest(name = "{0}, dies {4}")
  @MethodSource("movesAtBothMoments")
  void a_cleanup_keeps_what_a_rollback_needs(
      String name,
      UnaryOperator<BucketFixture> before,
      ImageReference target,
      Command command,
      Moment moment)
      throws Exception {
    Retention two = new Retention(Optional.empty(), Optional.empty(), true, 2, Optional.empty());
    deaths(
        before,
        command,
        moment,
        (fixture, _) -> {
          fixture.apply(two);
          boolean moved = production(fixture).equals(Optional.of(target));
          back(fixture, fixture.store);
          assertThat(production(fixture))
              .as(name)
              .contains(moved ? BucketFixture.SECOND : BucketFixture.FIRST);
        });
  }

  static Stream<Arguments> removals() {
    return Stream.of(
            command(
                "remove a version",
                BucketFixture::withVersion,
                BucketFixture.FIRST,
                (fixture, store) -> {
                  Removals removals = fixture.removals(store);
                  removals.remove(removals.version(BucketFixture.APP, BucketFixture.V1));
                }),
            command(
                "remove an environment",
                UnaryOperator.identity(),
                BucketFixture.SECOND,
                (fixture, store) -> {
                  Removals removals = fixture.removals(store);
                  removals.remove(
                      removals.environment(BucketFixture.APP, BucketFixture.PRODUCTION, false));
                }))
        .flatMap(command -> atBothMoments(Stream.of(command)));
  }

  @ParameterizedTest(name = "{0}, dies {4}")
  @MethodSource("removals")
  void a_removal_can_be_made_again_and_leaves_its_event(
      String name,
      UnaryOperator<BucketFixture> before,
      ImageReference image,
      Command command,
      Moment moment)
      throws Exception {
    int deaths =
        deaths(
            before,
            command,
            moment,
            (fixture, _) -> {
              command.run(fixture, fixture.store);
              boolean version = name.equals("remove a version");
              assertThat(
                      fixture
                          .pointers(fixture.store)
                          .find(BucketFixture.APP, BucketFixture.V1)
                          .isPresent())
                  .isFalse();
              assertThat(production(fixture).isPresent()).as(name).isEqualTo(version);
              assertThat(fixture.events().keySet()).anyMatch(key -> key.contains("-removal-"));
              assertThat(fixture.images(fixture.store).find(image)).isPresent();
            });
    assertThat(deaths).as(name).isGreaterThan(3);
  }

  @ParameterizedTest
  @EnumSource
  void an_image_whose_removal_dies_is_whole_or_gone_after_the_next_cleanup(Moment moment)
      throws Exception {
    int deaths =
        CrashingStore.atEachCall(
            moment,
            process -> {
              BucketFixture fixture = new BucketFixture();
              SortedMap<String, byte[]> trail = fixture.events();
              process.does(fixture.store, store -> fixture.remove(BucketFixture.FIRST, store));
              fixture.requireSound();
              fixture.requireTrailWith(trail);
              fixture.pass(Duration.ofMinutes(16));
              fixture.apply(NOTHING);
              fixture.requireSound();
              requireSettled(fixture);
              boolean there = fixture.images(fixture.store).find(BucketFixture.FIRST).isPresent();
              boolean archive =
                  fixture.keys("images/").contains(file("images", "20250101-1000-aaaaaaa.tar.gz"));
              assertThat(archive).isEqualTo(there);
              assertThat(
                      fixture.events().keySet().stream().anyMatch(key -> key.contains("cleanup")))
                  .as("an event if it is gone")
                  .isEqualTo(!there);
            });
    assertThat(deaths).isGreaterThan(10);
  }

  @ParameterizedTest
  @EnumSource
  void an_image_is_found_by_its_digest_wherever_its_push_dies(Moment moment) throws Exception {
    int deaths =
        CrashingStore.atEachCall(
            moment,
            process -> {
              BucketFixture fixture = BucketFixture.served();
              process.does(
                  fixture.store,
                  store ->
                      fixture
                          .pushing(BucketFixture.FIRST, "another one", store)
                          .clients()
                          .getLast()
                          .call());
              requireFound(fixture);
              fixture.pass(Duration.ofHours(25));
              fixture.apply(NOTHING);
              requireFound(fixture);
              assertThat(fixture.foundByDigest()).doesNotContain("nothing");
            });
    assertThat(deaths).isGreaterThan(8);
  }

  @ParameterizedTest
  @EnumSource
  void the_digest_of_an_image_whose_removal_dies_leads_to_the_other_one(Moment moment)
      throws Exception {
    int deaths =
        CrashingStore.atEachCall(
            moment,
            process -> {
              BucketFixture fixture =
                  BucketFixture.served()
                      .withSameContent(BucketFixture.FIRST, BucketFixture.FOURTH)
                      .withSameContent(BucketFixture.THIRD, BucketFixture.FIFTH);
              process.does(
                  fixture.store,
                  store -> {
                    fixture.remove(BucketFixture.FIRST, store);
                    fixture.remove(BucketFixture.THIRD, store);
                    fixture.remove(BucketFixture.FIFTH, store);
                  });
              fixture.requireSound();
              fixture.pass(Duration.ofHours(25));
              fixture.apply(NOTHING);
              fixture.requireSound();
              requireSettled(fixture);
              assertThat(fixture.foundByDigest())
                  .contains(BucketFixture.SECOND.toString(), BucketFixture.FOURTH.toString())
                  .doesNotContain("nothing");
            });
    assertThat(deaths).isGreaterThan(30);
  }

  /** A push that replaces an image may die with the new archive and the old metadata. */
  private static void requireFound(BucketFixture fixture) {
    for (ImageReference image :
        List.of(BucketFixture.FIRST, BucketFixture.SECOND, BucketFixture.THIRD)) {
      Images images = fixture.images(fixture.store);
      Published published = images.find(image).orElseThrow();
      assertThat(images.isFindable(published)).as(image.toString()).isTrue();
    }
  }

  /** No image goes; what was interrupted is ended. */
  private static final Retention NOTHING =
      new Retention(Optional.empty(), Optional.empty(), false, 5, Optional.empty());

  private static String file(String folder, String name) {
    return "%s/my-app/202501/my-app-%s".formatted(folder, name);
  }

  /** All kinds of things that a cleanup removes. */
  private static BucketFixture withRubbish() throws Exception {
    BucketFixture fixture = new BucketFixture();
    fixture.pass(Duration.ofDays(-100));
    fixture.pushingFurtherPlatform(BucketFixture.FIRST).clients().getLast().call();
    fixture.put(file("images", "20250104-1000-ddddddd.tar.gz"), "an orphan");
    String replaced = "20250102-1000-bbbbbbb-archived-on-20250103-1000";
    fixture.put(file("archive", replaced + ".json"), "{}");
    fixture.put(file("archive", replaced + ".tar.gz"), "replaced");
    fixture.put("temporary/my-app/5a1d/1", "temporary");
    fixture.store.startUpload(new ObjectKey(file("images", "20250105-1000-eeeeeee.tar.gz")));
    fixture.pass(Duration.ofDays(100));
    return fixture;
  }

  @ParameterizedTest
  @EnumSource
  void a_cleanup_is_ended_by_the_next_one(Moment moment) throws Exception {
    int deaths =
        CrashingStore.atEachCall(
            moment,
            process -> {
              BucketFixture fixture = withRubbish();
              SortedMap<String, byte[]> trail = fixture.events();
              process.does(
                  fixture.store,
                  store ->
                      fixture
                          .cleanup(store)
                          .apply(BucketFixture.APP, BucketFixture.STRICT, BucketFixture.SILENT));
              fixture.requireSound();
              fixture.requireTrailWith(trail);

              fixture.pass(Duration.ofMinutes(16));
              fixture.apply(BucketFixture.STRICT);
              fixture.requireSound();
              requireSettled(fixture);

              fixture.pass(Duration.ofHours(25)); // what was restored is young
              fixture.apply(BucketFixture.STRICT);
              requireClean(fixture);
              fixture.requireTrailWith(trail);
              assertThat(fixture.events().keySet().stream().filter(key -> key.contains("cleanup")))
                  .as("an event for each of the three commits and the replaced one")
                  .anyMatch(key -> key.contains("aaaaaaa"))
                  .anyMatch(key -> key.contains("bbbbbbb"))
                  .anyMatch(key -> key.contains("ccccccc"))
                  .anyMatch(key -> key.contains("ddddddd"));
            });
    assertThat(deaths).isGreaterThan(50);
  }

  /** What the store has marked without a word is found by way of the journal. */
  @ParameterizedTest
  @EnumSource
  void a_cleanup_that_the_store_fails_once_takes_its_marks_away(Moment moment) throws Exception {
    int failures =
        CrashingStore.failingAtEachCall(
            moment,
            process -> {
              BucketFixture fixture = withRubbish();
              process.does(
                  fixture.store,
                  store ->
                      fixture
                          .cleanup(store)
                          .apply(BucketFixture.APP, BucketFixture.STRICT, BucketFixture.SILENT));
              fixture.requireSound();
              assertThat(fixture.marked()).hasSizeLessThanOrEqualTo(1);
              if (moment == Moment.BEFORE) { // what is left goes with a being deleted plain name
                assertThat(fixture.marked()).allMatch(key -> key.contains("linux-arm64"));
              }
              assertThat(fixture.marked().isEmpty() || !fixture.keys("cleanup/").isEmpty())
                  .isTrue();

              fixture.pass(Duration.ofMinutes(16));
              fixture.apply(BucketFixture.STRICT);
              fixture.requireSound();
              requireSettled(fixture);
            });
    assertThat(failures).isGreaterThan(50);
  }

  /** Nothing is marked, every platform that is published can be found, no journal is left. */
  private static void requireSettled(BucketFixture fixture) {
    assertThat(fixture.keys("cleanup/")).isEmpty();
    fixture
        .store
        .contents()
        .forEach(
            (key, content) -> {
              if (key.startsWith("images/") && key.endsWith(".json") && !isLeft(fixture, key)) {
                assertThat(new String(content, UTF_8)).as(key).doesNotContain("tombstone");
                assertThat(
                        BucketLayout.parseImage(new ObjectKey(key))
                            .flatMap(
                                image -> fixture.images(fixture.store).find(image.reference())))
                    .as("the commit of " + key)
                    .isPresent();
              }
            });
  }

  /** True for the mark of an archive that had no metadata, once that is gone. */
  private static boolean isLeft(BucketFixture fixture, String key) {
    return key.contains("ddddddd")
        && fixture.keys(key.replace(".json", ".tar")).isEmpty()
        && fixture.marked().stream().noneMatch(key::equals);
  }

  private static void requireClean(BucketFixture fixture) {
    requireSettled(fixture);
    assertThat(fixture.keys("images/"))
        .containsExactly(
            file("images", "20250102-1000-bbbbbbb.json"),
            file("images", "20250102-1000-bbbbbbb.tar.gz"));
    assertThat(fixture.keys("archive/")).isEmpty();
    assertThat(fixture.keys("temporary/")).isEmpty();
    assertThat(fixture.store.openUploads()).isZero();
  }
}
