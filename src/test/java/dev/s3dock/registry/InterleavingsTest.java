package dev.s3dock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.testing.Interleavings;
import dev.s3dock.testing.Interleavings.Outcome;
import dev.s3dock.testing.Interleavings.Run;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Commands that meet in one bucket, in every order of their store calls that matters: with two of
 * them up to two preemptions, with three one ({@link Interleavings}).
 */
class InterleavingsTest {
  private static final int OF_TWO = 2;
  private static final int OF_THREE = 1;

  /** For a long run: so many preemptions more. */
  private static final int MORE = Integer.getInteger("s3dock.preemptions", 0);

  private static Arguments two(String name, UnaryOperator<BucketFixture> clients) {
    return Arguments.of(name, OF_TWO, clients);
  }

  private static Arguments three(String name, UnaryOperator<BucketFixture> clients) {
    return Arguments.of(name, OF_THREE, clients);
  }

  static Stream<Arguments> meetings() {
    return Stream.of(
        two("cleanup, promote", fixture -> fixture.cleaning().promoting(BucketFixture.FIRST)),
        two("cleanup, tag", fixture -> fixture.cleaning().tagging(BucketFixture.FIRST, false)),
        two("cleanup, rollback", fixture -> fixture.cleaning().goingBack()),
        two(
            "cleanup, push again",
            fixture -> fixture.cleaning().pushing(BucketFixture.FIRST, "another one")),
        two(
            "cleanup, push what is there",
            fixture ->
                fixture
                    .cleaning()
                    .pushing(BucketFixture.FIRST, "archive of " + BucketFixture.FIRST)),
        two(
            "cleanup, further platform",
            fixture -> fixture.cleaning().pushingFurtherPlatform(BucketFixture.FIRST)),
        two("cleanup, cleanup", fixture -> fixture.cleaning().cleaning()),
        two(
            "push, push",
            fixture ->
                fixture.pushing(BucketFixture.FIRST, "one").pushing(BucketFixture.FIRST, "other")),
        two(
            "promote, promote",
            fixture -> fixture.promoting(BucketFixture.FIRST).promoting(BucketFixture.THIRD)),
        two("promote, rollback", fixture -> fixture.promoting(BucketFixture.THIRD).goingBack()),
        two(
            "tag, tag",
            fixture ->
                fixture.tagging(BucketFixture.FIRST, false).tagging(BucketFixture.THIRD, false)),
        two(
            "tag, promote a version",
            fixture -> fixture.withVersion().tagging(BucketFixture.THIRD, true).promotingVersion()),
        two(
            "push, promote",
            fixture -> fixture.pushing(BucketFixture.FIRST, "new").promoting(BucketFixture.FIRST)),
        two("verify, cleanup", fixture -> fixture.verifying().cleaning()),
        two(
            "verify, push again",
            fixture -> fixture.verifying().pushing(BucketFixture.FIRST, "another one")),
        two("verify, promote", fixture -> fixture.verifying().promoting(BucketFixture.FIRST)),
        two("verify, tag", fixture -> fixture.verifying().tagging(BucketFixture.FIRST, false)),
        two("verify, rollback", fixture -> fixture.verifying().goingBack()),
        two(
            "remove a version, promote it",
            fixture -> fixture.withVersion().removingVersion().promotingVersion()),
        two(
            "remove a version, move it",
            fixture -> fixture.withVersion().removingVersion().tagging(BucketFixture.THIRD, true)),
        two(
            "remove a version, remove it",
            fixture -> fixture.withVersion().removingVersion().removingVersion()),
        two(
            "remove an environment, promote",
            fixture -> fixture.removingProduction().promoting(BucketFixture.THIRD)),
        two("remove an environment, cleanup", fixture -> fixture.removingProduction().cleaning()),
        two(
            "remove an image, promote it",
            fixture -> fixture.removing(BucketFixture.FIRST).promoting(BucketFixture.FIRST)),
        two(
            "remove an image, tag it",
            fixture -> fixture.removing(BucketFixture.FIRST).tagging(BucketFixture.FIRST, false)),
        two(
            "remove an image, cleanup",
            fixture -> fixture.removing(BucketFixture.FIRST).cleaning()),
        two(
            "remove an image, push it again",
            fixture ->
                fixture.removing(BucketFixture.FIRST).pushing(BucketFixture.FIRST, "another one")),
        two(
            "push, push of the same content",
            fixture ->
                BucketFixture.served()
                    .pushing(BucketFixture.FOURTH, "same")
                    .pushing(BucketFixture.FIFTH, "same")),
        two(
            "remove an image, push the same content",
            fixture ->
                BucketFixture.served()
                    .removing(BucketFixture.FIRST)
                    .pushing(BucketFixture.FOURTH, "archive of " + BucketFixture.FIRST)),
        two(
            "remove an image, skip the push of the same content",
            fixture ->
                BucketFixture.served()
                    .withSameContent(BucketFixture.FIRST, BucketFixture.FOURTH)
                    .removing(BucketFixture.FIRST)
                    .pushing(BucketFixture.FOURTH, "archive of " + BucketFixture.FIRST)),
        two(
            "remove an image, remove one of the same content",
            fixture ->
                BucketFixture.served()
                    .withSameContent(BucketFixture.FIRST, BucketFixture.FOURTH)
                    .removing(BucketFixture.FIRST)
                    .removing(BucketFixture.FOURTH)),
        two(
            "cleanup of a manifest that leads nowhere, push that",
            fixture ->
                BucketFixture.served()
                    .withoutMetadata(BucketFixture.FOURTH, "lost")
                    .cleaning()
                    .pushing(BucketFixture.FOURTH, "lost")),
        two(
            "cleanup of an archive without metadata, push again",
            fixture ->
                BucketFixture.served()
                    .withOrphan(BucketFixture.FOURTH, "lost")
                    .cleaning()
                    .pushing(BucketFixture.FOURTH, "lost")),
        two(
            "remove an image, push a layer that it has",
            fixture ->
                fixture.withLayer().removing(BucketFixture.FIRST).hinting(BucketFixture.SECOND)),
        two(
            "copy what lacks a manifest, remove it",
            fixture -> fixture.completing(BucketFixture.FIRST).removing(BucketFixture.FIRST)),
        two(
            "copy what lacks a manifest, cleanup",
            fixture -> fixture.completing(BucketFixture.FIRST).cleaning()),
        two(
            "copy what lacks a manifest, push another one",
            fixture ->
                fixture
                    .completing(BucketFixture.FIRST)
                    .pushing(BucketFixture.FIRST, "another one")),
        two(
            "copy what lacks a manifest twice",
            fixture -> fixture.completing(BucketFixture.FIRST).completing(BucketFixture.FIRST)),
        three(
            "cleanup and cleanup of an archive without metadata, push again",
            fixture ->
                BucketFixture.served()
                    .withOrphan(BucketFixture.FOURTH, "lost")
                    .cleaning()
                    .cleaning()
                    .pushing(BucketFixture.FOURTH, "lost")),
        three(
            "remove a version, promote it, move it",
            fixture ->
                fixture
                    .withVersion()
                    .removingVersion()
                    .promotingVersion()
                    .tagging(BucketFixture.THIRD, true)),
        three(
            "verify, cleanup, tag",
            fixture -> fixture.verifying().cleaning().tagging(BucketFixture.FIRST, false)),
        three(
            "cleanup, cleanup, promote",
            fixture -> fixture.cleaning().cleaning().promoting(BucketFixture.FIRST)),
        three(
            "cleanup, cleanup, push",
            fixture -> fixture.cleaning().cleaning().pushing(BucketFixture.FIRST, "another one")),
        three(
            "cleanup, push, promote",
            fixture ->
                fixture
                    .cleaning()
                    .pushing(BucketFixture.FIRST, "new")
                    .promoting(BucketFixture.FIRST)),
        three(
            "cleanup, tag, promote",
            fixture ->
                fixture
                    .cleaning()
                    .tagging(BucketFixture.FIRST, false)
                    .promoting(BucketFixture.THIRD)),
        three(
            "cleanup, rollback, promote",
            fixture -> fixture.cleaning().goingBack().promoting(BucketFixture.THIRD)),
        three(
            "cleanup, push, push",
            fixture ->
                fixture
                    .cleaning()
                    .pushing(BucketFixture.FIRST, "one")
                    .pushing(BucketFixture.FIRST, "other")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("meetings")
  void nothing_is_lost_whatever_meets(
      String name, int preemptions, UnaryOperator<BucketFixture> clients) {
    long schedules = explore(() -> clients.apply(new BucketFixture()), preemptions + MORE);
    System.out.printf("%s: %d schedules%n", name, schedules);
    assertThat(schedules).isGreaterThan(1);
  }

  private static long explore(Supplier<BucketFixture> towns, int preemptions) {
    return Interleavings.explore(towns, preemptions, InterleavingsTest::requireSound);
  }

  private static void requireSound(Run<BucketFixture> run) {
    run.world().requireSound();
    for (Outcome outcome : run.outcomes()) {
      outcome.failure().ifPresent(InterleavingsTest::requireReported);
      outcome
          .result()
          .filter(result -> !isDropped(result, run))
          .ifPresent(result -> requireDone(result, run.world()));
    }
    requireEvents(run);
  }

  /** What is removed by its name may be as young as it is. */
  private static boolean isDropped(String result, Run<BucketFixture> run) {
    return result.startsWith("pushed ")
        && run.outcomes().stream()
            .flatMap(outcome -> outcome.result().stream())
            .anyMatch(other -> other.startsWith("dropped [my-app:"));
  }

  /** Whoever lost was told so. */
  private static void requireReported(Exception failure) {
    assertThat(failure).isInstanceOf(RegistryException.class);
    assertThat(((RegistryException) failure).kind())
        .as(String.valueOf(failure))
        .isIn(RegistryException.Kind.CONFLICT, RegistryException.Kind.NOT_FOUND);
  }

  /** What was reported as published is there: it is too young for a cleanup. */
  private static void requireDone(String result, BucketFixture fixture) {
    if (result.startsWith("verified ")) {
      assertThat(result).as("a false alarm").isEqualTo("verified []");
    }
    if (result.startsWith("pushed ")) {
      ImageKey key =
          BucketLayout.parseImage(new ObjectKey(result.substring("pushed ".length())))
              .orElseThrow();
      assertThat(fixture.images(fixture.store).find(key.reference())).as(result).isPresent();
      assertThat(fixture.images(fixture.store).at(key)).as(result).isPresent();
    }
  }

  /** Each client that was told that it has done something has left an event. */
  private static void requireEvents(Run<BucketFixture> run) {
    Map<String, Long> wanted = new HashMap<>(Map.of("push", 3L, "promotion", 2L));
    for (Outcome outcome : run.outcomes()) {
      String result = outcome.result().orElse("");
      if (result.startsWith("cleaned ") || result.startsWith("dropped ")) {
        long images = result.split("my-app:", -1).length - 1L;
        wanted.merge("cleanup", images, Long::sum);
      } else if (!result.isEmpty() && !result.matches("(verified|completed).*")) {
        String type =
            result.startsWith("pushed ") || result.startsWith("unchanged ")
                ? "push"
                : result.startsWith("promoted ")
                    ? "promotion"
                    : result.startsWith("removed ") ? "removal" : "tag";
        wanted.merge(type, 1L, Long::sum);
      }
    }
    Map<String, Long> found = new HashMap<>();
    for (String key : run.world().keys("audit/")) {
      BucketLayout.parseEvent(new ObjectKey(key))
          .ifPresent(event -> found.merge(event.event(), 1L, Long::sum));
    }
    wanted.forEach(
        (type, count) ->
            assertThat(found.getOrDefault(type, 0L)).as(type).isGreaterThanOrEqualTo(count));
  }

  /** The first answer to a listing of pointers and versions, for ever: no second look. */
  private static ObjectStore withoutSecondLook(ObjectStore store) {
    Map<Object, List<?>> seen = new HashMap<>();
    return spoilt(
        (method, arguments) ->
            method.getName().equals("list") && arguments[0].toString().matches("(pointers|tags)/.*")
                ? seen
                    .computeIfAbsent(arguments[0], prefix -> store.list(prefix.toString()).toList())
                    .stream()
                : call(store, method, arguments));
  }

  /** The first answer to a read of an object there, for ever. */
  private static ObjectStore withoutSecondRead(ObjectStore store, String folder) {
    Map<Object, Object> seen = new HashMap<>();
    return spoilt(
        (method, arguments) ->
            method.getName().equals("get") && arguments[0].toString().startsWith(folder)
                ? seen.computeIfAbsent(arguments[0], key -> call(store, method, arguments))
                : call(store, method, arguments));
  }

  private interface Answer {
    Object to(Method method, Object[] arguments);
  }

  private static ObjectStore spoilt(Answer answer) {
    return (ObjectStore)
        Proxy.newProxyInstance(
            InterleavingsTest.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> answer.to(method, arguments));
  }

  private static Object call(ObjectStore store, Method method, Object[] arguments) {
    try {
      return method.invoke(store, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_cleanup_that_does_not_look_again_is_found_out() {
    assertThatThrownBy(
            () ->
                explore(
                    () ->
                        new BucketFixture()
                            .cleaning(InterleavingsTest::withoutSecondLook)
                            .tagging(BucketFixture.FIRST, false),
                    OF_TWO))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("which is not published");
  }

  @Test
  void a_removal_of_a_version_that_does_not_look_again_is_found_out() {
    assertThatThrownBy(
            () ->
                explore(
                    () -> {
                      BucketFixture fixture = new BucketFixture().withVersion();
                      return fixture
                          .removingVersion(withoutSecondRead(fixture.store, "pointers/"))
                          .promotingVersion();
                    },
                    OF_TWO))
        .hasStackTraceContaining("which is gone");
  }

  @Test
  void a_promotion_that_does_not_look_again_is_found_out() {
    assertThatThrownBy(
            () ->
                explore(
                    () -> {
                      BucketFixture fixture = new BucketFixture();
                      return fixture
                          .cleaning()
                          .promoting(
                              BucketFixture.FIRST, withoutSecondRead(fixture.store, "images/"));
                    },
                    OF_TWO))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("which is not published");
  }
}
