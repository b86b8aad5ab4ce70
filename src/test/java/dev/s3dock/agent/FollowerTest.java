package dev.s3dock.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.StubImages;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.rollout.HostProgress;
import dev.s3dock.rollout.RolloutPlan;
import dev.s3dock.rollout.RolloutState;
import dev.s3dock.rollout.Rollouts;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One environment followed on a host that is a few fields; time passes when the test says so. */
class FollowerTest {
  private static final AppName APP = new AppName("shop");
  private static final Environment PRODUCTION = new Environment("production");
  private static final Service SERVICE = new Service(APP, PRODUCTION);
  private static final ImageReference V1 = ImageReference.parse("shop:20250720-1045-def5678");
  private static final ImageReference V2 = ImageReference.parse("shop:20250721-2118-f7a5a27");
  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2025-08-02T07:30:00Z"), ZoneOffset.UTC);

  private final MemoryObjectStore store = new MemoryObjectStore();
  private final Actor actor = new Actor("root", "host-1", "s3dock test");
  private final Deployments deployments = new Deployments(store, CLOCK, actor);
  private final Images images = new Images(store, CLOCK);
  private final Pointers pointers = new Pointers(store, images, CLOCK, actor);
  private final AuditLog audit = new AuditLog(store, CLOCK, actor);
  private final Promotions promotions =
      new Promotions(images, pointers, new Catalog(store, pointers), audit);
  private final List<AgentEvent> events = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private final SimpleHost host = new SimpleHost();
  private final Semaphore turns = new Semaphore(1);
  private long now;
  private Consumer<AgentEvent> onEvent = _ -> {};
  private Follower follower = follower();

  /** What happens while a deployment is under way. */
  private interface Meanwhile {
    void happens() throws InterruptedException;
  }

  /** What an agent sees of its host, and does there. */
  private final class SimpleHost implements Host, HostService {
    Standing standing = new Standing.Down("no container gets traffic");
    String settings = "s1";
    Optional<RuntimeException> failure = Optional.empty();
    Optional<ZonedDateTime> closedUntil = Optional.empty();
    final List<ImageReference> prefetched = new ArrayList<>();
    int deployed;
    Meanwhile meanwhile = () -> {};

    @Override
    public Optional<ZonedDateTime> closedUntil() {
      return closedUntil;
    }

    @Override
    public void prefetch(ImageReference image) {
      prefetched.add(image);
    }

    @Override
    public Plan plan() {
      return new Plan(List.of(SERVICE), INTERVAL, 1);
    }

    @Override
    public HostService service(Service service, DeployProgress progress) {
      return this;
    }

    @Override
    public long diskFree() {
      return 1L << 30;
    }

    @Override
    public String settings() {
      return settings;
    }

    @Override
    public Standing standing() {
      return standing;
    }

    @Override
    public Deployed deploy(ImageReference image) throws InterruptedException {
      deployed++;
      meanwhile.happens();
      if (failure.isPresent()) {
        throw failure.get();
      }
      deployments.report(APP, PRODUCTION, image, Optional.empty(), "blue", "d" + deployed, true);
      standing = new Standing.Live(image, "d" + deployed, "blue", true, true, Optional.empty());
      return new Deployed(
          image,
          Optional.empty(),
          Optional.of(new Backend(Colour.BLUE, "127.0.0.1", 20_000)),
          "d" + deployed,
          List.of("c"),
          false,
          Map.of());
    }

    @Override
    public boolean engineAnswers() {
      return true;
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void publish() {
    StubImages.publish(store, CLOCK, V1, V2);
    promotions.promote(V1, PRODUCTION, Optional.empty());
    store.before((operation, key) -> requests.add(operation + " " + key));
  }

  /** One whose process has begun just now. */
  private Follower follower() {
    return new Follower(
        SERVICE,
        new AgentParts(
            store,
            deployments,
            new Rollouts(store, pointers, promotions, audit, CLOCK, actor),
            host,
            this::told,
            "1",
            CLOCK,
            () -> now));
  }

  private void told(AgentEvent event) {
    events.add(event);
    onEvent.accept(event);
  }

  private void step() throws InterruptedException {
    now += INTERVAL.toNanos();
    requests.clear();
    follower.step(turns, INTERVAL);
  }

  private void promote(ImageReference image) {
    promotions.promote(image, PRODUCTION, Optional.empty());
  }

  private AgentReport word() {
    return deployments.of(APP, PRODUCTION).getFirst().agent().orElseThrow();
  }

  private List<Kind> told() {
    return events.stream().map(AgentEvent::kind).toList();
  }

  @Test
  void a_look_that_finds_nothing_new_is_one_request_and_two_where_a_version_is_followed()
      throws InterruptedException {
    step();
    for (int look = 0; look < 19; look++) {
      step();
      assertThat(requests).containsExactly("GET pointers/shop/production.json");
    }
    step(); // five minutes after the first report
    assertThat(requests)
        .containsExactly(
            "GET pointers/shop/production.json",
            "GET deployments/shop/production/host-1.json",
            "PUT deployments/shop/production/host-1.json");

    new Tags(images, pointers, audit).tag(V2, new Version("v2"), false);
    promotions.promote(APP, new Version("v2"), PRODUCTION, Optional.empty());
    step();
    assertThat(word().running()).isEqualTo(V2.toString());
    step();
    assertThat(requests)
        .containsExactly("GET pointers/shop/production.json", "GET tags/shop/v2.json");
  }

  @Test
  void outside_its_windows_it_replaces_nothing_fetches_ahead_and_says_when_it_will()
      throws InterruptedException {
    host.closedUntil = Optional.of(ZonedDateTime.parse("2025-08-04T09:00+02:00[Europe/Berlin]"));
    step(); // nothing serves, so nothing is to be held
    assertThat(word().running()).isEqualTo(V1.toString());
    promote(V2);
    step();
    step();
    step();
    assertThat(host.deployed).isEqualTo(1);
    assertThat(host.prefetched).containsExactly(V2);
    assertThat(word().state()).isEqualTo("behind");
    assertThat(word().reason())
        .startsWith("waits for its window, which opens Mon 2025-08-04 09:00 Europe/Berlin");

    host.standing = new Standing.Live(V1, "d1", "blue", true, false, Optional.empty());
    step();
    assertThat(host.deployed).isEqualTo(1);
    host.closedUntil = Optional.empty();
    step();
    assertThat(word().running()).isEqualTo(V2.toString());

    host.closedUntil = Optional.of(ZonedDateTime.parse("2025-08-04T09:00+02:00[Europe/Berlin]"));
    host.standing = new Standing.Live(V2, "d2", "blue", true, true, Optional.of("status 503"));
    step();
    step();
    assertThat(host.deployed).as("what is unhealthy is put right at once").isEqualTo(3);
  }

  @Test
  void a_version_that_is_moved_is_followed() throws InterruptedException {
    Tags tags = new Tags(images, pointers, audit);
    tags.tag(V1, new Version("v"), false);
    promotions.promote(APP, new Version("v"), PRODUCTION, Optional.empty());
    step();
    tags.tag(V2, new Version("v"), true);
    step();
    assertThat(word().running()).isEqualTo(V2.toString());
    assertThat(word().state()).isEqualTo("healthy");
  }

  @Test
  void what_is_not_fit_is_tried_once_until_the_pointer_or_the_settings_change_or_a_retry()
      throws InterruptedException {
    step();
    host.failure = Optional.of(unfit());
    promote(V2);
    for (int look = 0; look < 5; look++) {
      step();
    }
    assertThat(host.deployed).isEqualTo(2);
    assertThat(word().state()).isEqualTo("failed");
    assertThat(word().reason()).isEqualTo("status 503");
    assertThat(word().running()).isEqualTo(V1.toString());

    follower = follower(); // its process was killed
    step();
    assertThat(host.deployed).isEqualTo(2);

    deployments.retry(APP, PRODUCTION, "host-1");
    step();
    step();
    assertThat(host.deployed).isEqualTo(3);
    assertThat(told()).contains(Kind.RETRY);

    host.settings = "s2";
    step();
    step();
    assertThat(host.deployed).isEqualTo(4);

    promote(V1);
    step();
    promote(V2);
    step();
    step();
    assertThat(host.deployed).isEqualTo(5);
  }

  private static DeployException unfit() {
    return new DeployException(DeployException.Kind.UNFIT, "status 503\nits last lines");
  }

  @Test
  void who_reads_in_the_log_that_it_failed_or_is_live_finds_the_same_in_the_report()
      throws InterruptedException {
    Map<Kind, String> states = new EnumMap<>(Kind.class);
    onEvent =
        event -> {
          if (event.kind() == Kind.LIVE || event.kind() == Kind.FAILED) {
            states.put(event.kind(), word().state());
          }
        };
    step();
    host.failure = Optional.of(unfit());
    promote(V2);
    step();
    assertThat(states).containsEntry(Kind.LIVE, "healthy").containsEntry(Kind.FAILED, "failed");
  }

  @Test
  void a_failure_that_may_pass_is_tried_again_with_growing_pauses() throws InterruptedException {
    step();
    host.failure =
        Optional.of(new StoreException(StoreException.Kind.UNAVAILABLE, "the store is away"));
    promote(V2);
    for (int look = 0; look < 40; look++) { // ten minutes: after 0, 10, 30, 70, 150 and 310 s
      step();
    }
    assertThat(host.deployed).isEqualTo(1 + 6);
    assertThat(word().state()).isEqualTo("behind");
    host.failure = Optional.empty();
    for (int look = 0; look < 40; look++) {
      step();
    }
    assertThat(word().state()).isEqualTo("healthy");
    assertThat(told()).contains(Kind.POSTPONED, Kind.PROBLEM, Kind.RECOVERED);
  }

  @Test
  void what_serves_is_left_alone_while_the_store_is_away_or_the_pointer_makes_no_sense()
      throws InterruptedException {
    step();
    store.before(
        (operation, key) -> {
          throw new StoreException(StoreException.Kind.UNAVAILABLE, "the store is away");
        });
    step();
    step();
    assertThat(follower.view().state()).isEqualTo("unknown");
    store.before((operation, key) -> {});
    store.put(
        BucketLayout.pointer(APP, PRODUCTION),
        "{".getBytes(StandardCharsets.UTF_8),
        Precondition.none());
    step();
    assertThat(word().state()).isEqualTo("unknown");
    assertThat(host.deployed).isEqualTo(1);
    assertThat(told()).filteredOn(Kind.PROBLEM::equals).hasSize(2);
  }

  @Test
  void what_is_not_healthy_at_two_looks_is_replaced_and_goes_on_being_tried()
      throws InterruptedException {
    step();
    Standing.Live live = (Standing.Live) host.standing;
    host.standing =
        new Standing.Live(
            live.image(), live.deployment(), live.colour(), true, true, Optional.of("status 503"));
    host.failure = Optional.of(unfit());
    step();
    assertThat(host.deployed).isEqualTo(1);
    assertThat(word().state()).isEqualTo("unhealthy");
    step();
    assertThat(host.deployed).isEqualTo(2);
    step();
    assertThat(host.deployed).as("it was live here, so it is not given up").isEqualTo(3);
    host.standing = live;
    host.failure = Optional.empty();
    step();
    assertThat(word().state()).isEqualTo("healthy");
  }

  @Test
  void nothing_is_listed_and_nothing_but_its_own_report_is_written() throws InterruptedException {
    step();
    promote(V2);
    step();
    assertThat(requests)
        .noneMatch(request -> request.startsWith(Operation.LIST + " "))
        .filteredOn(request -> request.startsWith(Operation.PUT + " "))
        .isNotEmpty()
        .allMatch(request -> request.equals("PUT deployments/shop/production/host-1.json"));
  }

  private RolloutPlan plan(String batch) {
    return new RolloutPlan(
        Optional.empty(),
        batch,
        INTERVAL.multipliedBy(2),
        1,
        RolloutPlan.OnFailure.ROLLBACK,
        false,
        Duration.ofMinutes(10));
  }

  private Rollouts rollouts() {
    return new Rollouts(store, pointers, promotions, audit, CLOCK, actor);
  }

  private void rollOut(ImageReference image) {
    promotions.go(rollouts().plan(promotions.way(image, PRODUCTION, false), plan("1")));
  }

  private RolloutState rollout() {
    return rollouts().control().require(APP, PRODUCTION);
  }

  @Test
  void what_was_live_before_is_kept_live_until_the_turn_has_come() throws InterruptedException {
    step();
    rollOut(V2);
    rollouts().control().pause(rollout(), "lunch");
    step();
    assertThat(word().state()).isEqualTo("held");
    assertThat(word().reason()).contains("lunch");
    assertThat(word().running()).isEqualTo(V1.toString());
    step();
    assertThat(requests).containsExactly("GET pointers/shop/production.json");

    host.standing = new Standing.Down("no container gets traffic");
    step();
    assertThat(host.standing.running()).contains(V1);

    rollouts().control().resume(rollout());
    step();
    assertThat(word().running()).isEqualTo(V2.toString());
    step();
    step();
    step();
    assertThat(rollouts().view(APP, PRODUCTION, rollout()).inOrder())
        .singleElement()
        .matches(HostProgress::healthy);
  }

  @Test
  void an_app_that_does_not_stay_healthy_takes_the_rollout_back() throws InterruptedException {
    step();
    rollOut(V2);
    step();
    assertThat(word().running()).isEqualTo(V2.toString());
    host.standing = new Standing.Live(V2, "d2", "blue", true, true, Optional.of("500"));
    step();
    step();
    assertThat(told()).contains(Kind.ROLLOUT);
    step();
    assertThat(word().running()).isEqualTo(V1.toString());
  }

  @Test
  void an_image_that_is_not_fit_takes_the_rollout_back() throws InterruptedException {
    step();
    rollOut(V2);
    host.failure =
        Optional.of(new DeployException(DeployException.Kind.UNFIT, "it did not get healthy"));
    step();
    host.failure = Optional.empty();
    assertThat(pointers.find(APP, PRODUCTION).orElseThrow().sourceImage()).isEqualTo(V1.toString());
    step();
    assertThat(word().state()).isEqualTo("healthy");
  }

  @Test
  void an_abort_recalls_a_deployment_that_is_under_way() throws InterruptedException {
    step();
    rollOut(V2);
    CountDownLatch never = new CountDownLatch(1);
    host.meanwhile =
        () -> {
          rollouts().control().abort(rollout(), "");
          never.await();
        };
    follower.step(turns, Duration.ofMillis(20));
    host.meanwhile = () -> {};
    assertThat(told()).contains(Kind.POSTPONED);
    assertThat(host.standing.running()).contains(V1);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    step();
    assertThat(word().state()).isEqualTo("healthy");
  }
}
