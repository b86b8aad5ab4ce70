package dev.s3dock.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Standing;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.StubImages;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.RolloutMarks;
import dev.s3dock.rollout.RolloutMarks.Mark;
import dev.s3dock.rollout.RolloutPlan;
import dev.s3dock.rollout.RolloutPlan.OnFailure;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.rollout.Rollouts;
import dev.s3dock.testing.Interleavings;
import dev.s3dock.testing.Interleavings.Outcome;
import dev.s3dock.testing.Interleavings.Run;
import dev.s3dock.testing.store.MemoryObjectStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Hosts of one rollout, and who steers it, in every order of their store calls up to a bound. */
class TurnInterleavingsTest {
  private static final AppName APP = new AppName("shop");
  private static final Environment PRODUCTION = new Environment("production");
  private static final ImageReference V1 = ImageReference.parse("shop:20250720-1045-def5678");
  private static final ImageReference V2 = ImageReference.parse("shop:20250721-2118-f7a5a27");
  private static final ImageReference V3 = ImageReference.parse("shop:20250722-0900-0aa0aa0");
  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-08-02T07:30:00Z"), ZoneOffset.UTC);

  private static final Clock LATER = Clock.offset(CLOCK, Duration.ofDays(2));
  private static final String OVER = "0123456789abcdef";

  private static final Cleanup.Listener UNHEARD =
      new Cleanup.Listener() {
        @Override
        public void removed(Removal removal) {}

        @Override
        public void kept(Removal removal, String why) {}
      };

  /** A few hosts that report, and a promotion to them. */
  private static final class Hosts implements Interleavings.World {
    Instant storeTime = CLOCK.instant();
    final MemoryObjectStore store = new MemoryObjectStore(() -> storeTime);
    final List<Callable<String>> clients = new ArrayList<>();
    final AtomicInteger active = new AtomicInteger();
    int most;
    boolean beyondCanaries;

    Hosts(List<String> names, RolloutPlan plan) {
      StubImages.publish(store, CLOCK, V1, V2, V3);
      names.forEach(name -> report(name, name.startsWith("canary") ? "canary" : "web"));
      promotions("desk").promote(V1, PRODUCTION, Optional.empty());
      promote(V2, plan);
    }

    private void report(String host, String label) {
      new Deployments(store, CLOCK, actor(host))
          .say(
              APP,
              PRODUCTION,
              new AgentReport(
                  "1", "", "", "", "", "", "", Optional.empty(), 0, "", 15, List.of(label)));
    }

    private static Actor actor(String host) {
      return new Actor("root", host, "s3dock test");
    }

    private Pointers pointers(String host) {
      return new Pointers(store, new Images(store, CLOCK), CLOCK, actor(host));
    }

    private Promotions promotions(String host) {
      return new Promotions(
          new Images(store, CLOCK),
          pointers(host),
          new Catalog(store, pointers(host)),
          new AuditLog(store, CLOCK, actor(host)));
    }

    Rollouts rollouts(String host) {
      return new Rollouts(
          store,
          pointers(host),
          promotions(host),
          new AuditLog(store, CLOCK, actor(host)),
          CLOCK,
          actor(host));
    }

    /** The same order of hosts in each world. */
    void promote(ImageReference image, RolloutPlan plan) {
      Promotions.Way way =
          rollouts("desk").plan(promotions("desk").way(image, PRODUCTION, false), plan);
      way.rollout().orElseThrow().put("id", "promotion of " + image);
      promotions("desk").go(way);
    }

    /** A host that looks up to so often, and whose deployment takes a call of the store. */
    Hosts host(String name, boolean fit, int looks) {
      clients.add(() -> follow(name, fit, looks));
      return this;
    }

    private String follow(String name, boolean fit, int looks) {
      TurnKeeper keeper =
          new TurnKeeper(rollouts(name).marks(APP, PRODUCTION), rollouts(name).control(), _ -> {});
      Standing standing = new Standing.Down("");
      for (int look = 1; look <= looks; look++) {
        Duration now = Duration.ofHours(look);
        Optional<RolloutState> rollout = rollouts(name).control().find(APP, PRODUCTION);
        if (rollout.isEmpty()) {
          return "back";
        }
        Wish wish = new Wish.Wanted("rollout " + rollout.get().target(), V2, rollout);
        TurnKeeper.Here here =
            keeper.here(wish, standing, Memory.NONE, "s", Optional.of(V1), now, INTERVAL);
        if (here.waiting().isEmpty()) {
          most = Math.max(most, active.incrementAndGet());
          beyondCanaries |= !name.startsWith("canary");
          store.head(BucketLayout.pointer(APP, PRODUCTION)); // it takes its time
          active.decrementAndGet();
          keeper.observe(wish, new Rest(fit ? State.HEALTHY : State.FAILED, "unfit"), false, now);
          return fit ? "live" : "failed";
        }
        Interleavings.pause();
      }
      return "waited";
    }

    String target() {
      return rollouts("desk").control().require(APP, PRODUCTION).target();
    }

    String cleanup() {
      Actor desk = actor("desk");
      Retention none =
          new Retention(Optional.empty(), Optional.empty(), false, 5, Optional.empty());
      Cleanup cleanup =
          new Cleanup(
              store,
              pointers("desk"),
              new AuditTrail(store),
              new AuditLog(store, LATER, desk),
              LATER,
              desk,
              1);
      return cleanup.apply(APP, none, UNHEARD).removals().toString();
    }

    Hosts then(Callable<String> client) {
      clients.add(client);
      return this;
    }

    @Override
    public MemoryObjectStore store() {
      return store;
    }

    @Override
    public List<Callable<String>> clients() {
      return clients;
    }
  }

  private static RolloutPlan plan(String canary, int batch, OnFailure onFailure) {
    return new RolloutPlan(
        Optional.of(canary).filter(text -> !text.isEmpty()),
        "" + batch,
        Duration.ZERO,
        1,
        onFailure,
        false,
        Duration.ofDays(9));
  }

  private static void requireNoFailure(Run<Hosts> run) {
    assertThat(run.outcomes()).extracting(Outcome::failure).allMatch(Optional::isEmpty);
  }

  @Test
  void two_hosts_are_never_under_way_beside_each_other_if_one_may() {
    long schedules =
        Interleavings.explore(
            () ->
                new Hosts(List.of("a", "b"), plan("", 1, OnFailure.PAUSE))
                    .host("a", true, 3)
                    .host("b", true, 3),
            3,
            run -> {
              requireNoFailure(run);
              assertThat(run.world().most).isEqualTo(1);
              assertThat(run.outcomes()).anyMatch(it -> it.result().equals(Optional.of("live")));
            });
    assertThat(schedules).isGreaterThan(4);
  }

  /** The rollout that goes on is older than any grace, so nothing but the pointer protects it. */
  @Test
  void a_cleanup_takes_the_marks_of_what_is_over_and_none_that_a_limit_hangs_on() {
    long schedules =
        Interleavings.explore(
            () -> {
              Hosts hosts = new Hosts(List.of("a", "b"), plan("", 1, OnFailure.PAUSE));
              RolloutMarks ofB = hosts.rollouts("b").marks(APP, PRODUCTION);
              ofB.begin(OVER);
              ofB.healthy(OVER);
              ofB.begin(hosts.target());
              hosts.storeTime = LATER.instant();
              hosts.report("a", "web");
              hosts.report("b", "web");
              return hosts.host("a", true, 1).then(hosts::cleanup);
            },
            2,
            run -> {
              requireNoFailure(run);
              assertThat(run.outcomes().getFirst().result()).contains("waited");
              Hosts hosts = run.world();
              RolloutMarks marks = hosts.rollouts("desk").marks(APP, PRODUCTION);
              assertThat(marks.all(OVER)).isEmpty();
              assertThat(marks.all(hosts.target())).extracting(Mark::host).containsExactly("b");
            });
    assertThat(schedules).isGreaterThan(1);
  }

  /** Somebody promotes meanwhile: marks of the rollout that begins are never taken. */
  @Test
  void a_cleanup_beside_a_promotion_lets_one_host_begin_at_a_time() {
    RolloutPlan plan = plan("", 1, OnFailure.PAUSE);
    Interleavings.explore(
        () -> {
          Hosts hosts = new Hosts(List.of("a", "b"), plan);
          hosts.rollouts("a").marks(APP, PRODUCTION).begin(hosts.target());
          hosts.storeTime = LATER.instant();
          hosts.promote(V3, plan);
          return hosts.host("a", true, 2).host("b", true, 2).then(hosts::cleanup);
        },
        1,
        run -> {
          requireNoFailure(run);
          assertThat(run.world().most).isEqualTo(1);
        });
  }

  @Test
  void a_host_that_joins_does_not_break_the_limit() {
    Interleavings.explore(
        () ->
            new Hosts(List.of("a"), plan("", 1, OnFailure.PAUSE))
                .host("a", true, 2)
                .host("joins", true, 2),
        2,
        run -> {
          requireNoFailure(run);
          assertThat(run.world().most).isEqualTo(1);
        });
  }

  @Test
  void a_canary_that_fails_keeps_all_others_and_the_environment_goes_back() {
    Interleavings.explore(
        () ->
            new Hosts(List.of("canary", "b"), plan("canary", 3, OnFailure.ROLLBACK))
                .host("canary", false, 2)
                .host("b", true, 2),
        2,
        run -> {
          requireNoFailure(run);
          assertThat(run.world().beyondCanaries).isFalse();
          assertThat(run.world().rollouts("desk").control().find(APP, PRODUCTION)).isEmpty();
        });
  }

  @Test
  void a_promotion_in_the_middle_is_never_undone_by_the_failure_of_the_one_before() {
    RolloutPlan plan = plan("host=canary", 3, OnFailure.ROLLBACK);
    Interleavings.explore(
        () -> {
          Hosts hosts = new Hosts(List.of("canary", "b"), plan);
          return hosts
              .host("canary", false, 1)
              .then(
                  () -> {
                    try {
                      hosts.promote(V3, plan);
                      return "promoted";
                    } catch (RuntimeException e) {
                      return "lost";
                    }
                  });
        },
        2,
        run -> {
          requireNoFailure(run);
          Hosts hosts = run.world();
          String target = hosts.pointers("desk").find(APP, PRODUCTION).orElseThrow().sourceImage();
          boolean promoted = run.outcomes().get(1).result().equals(Optional.of("promoted"));
          assertThat(target)
              .isIn(promoted ? List.of(V3.toString(), V1.toString()) : List.of(V1.toString()));
        });
  }

  @Test
  void an_abort_holds_whoever_has_not_begun() {
    Interleavings.explore(
        () -> {
          Hosts hosts = new Hosts(List.of("canary", "b"), plan("canary", 3, OnFailure.PAUSE));
          return hosts
              .host("canary", true, 1)
              .host("b", true, 1)
              .then(
                  () -> {
                    var control = hosts.rollouts("desk").control();
                    control.abort(control.require(APP, PRODUCTION), "");
                    return "aborted";
                  });
        },
        2,
        run -> {
          requireNoFailure(run);
          assertThat(run.world().pointers("desk").find(APP, PRODUCTION).orElseThrow().sourceImage())
              .isEqualTo(V1.toString());
        });
  }
}
