package dev.s3dock.deploy.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.testing.Connection;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.TestBackend;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;

/** What every driver promises, shown with the real load balancer and the lines of its page. */
@Tag("loadbalancer")
public abstract class LoadBalancerContract {
  private static final Duration SOON = Duration.ofMinutes(2);

  /** For drivers that get no answer. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Balancer balancer;
  private TestBackend blue;
  private TestBackend green;

  /** Starts a load balancer with this change of the configuration that its page shows. */
  public abstract Balancer start(UnaryOperator<String> change);

  /**
   * A way to leave something out.
   *
   * @param says what is in the message of the check
   */
  public record Defect(String name, UnaryOperator<String> change, List<String> says) {
    public Defect(String name, UnaryOperator<String> change, String... says) {
      this(name, change, List.of(says));
    }
  }

  public abstract List<Defect> defects();

  /** True if WebSockets outlive a change of traffic. */
  public abstract boolean keepsWebSockets();

  /**
   * True if the load balancer may close an idle connection although it has just passed on a request
   * that came in on it. The user sends it again, and both backends have seen it.
   */
  public boolean mayPassOnTwice() {
    return false;
  }

  /**
   * How many new connections the kernel may reset in ten switches, before a byte was sent, since
   * the load balancer opens its ports anew.
   */
  public int resetsOfNewConnections() {
    return 0;
  }

  /** How many requests a change may cost while the backend that it leaves is dead. */
  public int lostWhenTheDeadIsLeft() {
    return 0;
  }

  @BeforeEach
  public void startAll() {
    balancer = opened(start(UnaryOperator.identity()));
    blue = backend(Colour.BLUE, "127.0.0.2", "v1");
    green = backend(Colour.GREEN, "127.0.0.3", "v2");
  }

  @AfterEach
  public void stopAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  private TestBackend backend(Colour colour, String host, String version) {
    return opened(TestBackend.start(colour, host, version));
  }

  private LoadBalancer loadBalancer() {
    return balancer.loadBalancer();
  }

  private static Connection.Answer get(Balancer from, Map<String, String> headers) {
    try (Connection connection = Connection.open("127.0.0.1", from.port())) {
      return connection.send("/", headers);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String answer() {
    return get(balancer, Map.of()).body().strip();
  }

  private static LoadBalancerException failure(ThrowingCallable call) {
    return catchThrowableOfType(LoadBalancerException.class, call);
  }

  @Test
  public void the_lines_of_the_page_are_all_that_is_needed() {
    loadBalancer().check(1);
    loadBalancer().direct(blue.backend(), Optional.empty());
    loadBalancer().check(1);
  }

  @TestFactory
  public Stream<DynamicTest> the_check_says_which_line_is_missing() {
    balancer.close();
    return defects().stream()
        .map(
            defect ->
                dynamicTest(
                    defect.name(),
                    () -> {
                      try (Balancer incomplete = start(defect.change())) {
                        LoadBalancerException e = failure(() -> incomplete.loadBalancer().check(1));
                        assertThat(e).isNotNull();
                        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                        assertThat(e).hasMessageContainingAll(defect.says().toArray(String[]::new));
                      }
                    }));
  }

  @Test
  public void before_the_first_deployment_traffic_goes_nowhere() {
    assertThat(loadBalancer().live()).isEmpty();
  }

  @Test
  public void traffic_goes_where_it_is_directed() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(blue.backend());
    assertThat(answer()).isEqualTo("v1 blue");

    loadBalancer().direct(green.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo("v2 green");

    loadBalancer().direct(green.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo("v2 green");

    loadBalancer().direct(blue.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(blue.backend());
    assertThat(answer()).isEqualTo("v1 blue");
  }

  @Test
  public void whoever_connects_after_the_switch_reaches_the_new_backend() {
    for (TestBackend next : List.of(blue, green, blue, green, blue, green)) {
      loadBalancer().direct(next.backend(), Optional.empty());
      for (int i = 0; i < 30; i++) {
        assertThat(answer()).isEqualTo(next.name());
      }
    }
  }

  @Test
  public void a_colour_may_come_back_at_another_address() {
    TestBackend next = backend(Colour.BLUE, "127.0.0.4", "v3");
    loadBalancer().direct(blue.backend(), Optional.empty());
    loadBalancer().direct(green.backend(), Optional.empty());
    loadBalancer().direct(next.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(next.backend());
    assertThat(answer()).isEqualTo("v3 blue");
  }

  @Test
  public void a_new_driver_sees_what_another_one_did() {
    loadBalancer().direct(green.backend(), Optional.empty());
    assertThat(balancer.loadBalancer()).isNotNull();
    assertThat(balancer.loadBalancer().live()).contains(green.backend());
  }

  @Test
  public void an_answer_to_a_probe_names_the_backend_and_no_other_does() {
    assertThat(loadBalancer().identifies()).isTrue();
    for (TestBackend next : List.of(blue, green, blue)) {
      loadBalancer().direct(next.backend(), Optional.empty());
      Connection.Answer probe = get(balancer, Map.of(LoadBalancer.PROBE_HEADER, "1"));
      assertThat(probe.body().strip()).isEqualTo(next.name());
      assertThat(probe.headers()).containsEntry("x-s3dock-backend", next.backend().address());
      assertThat(get(balancer, Map.of()).headers()).doesNotContainKey("x-s3dock-backend");
    }
  }

  @Test
  public void a_request_that_runs_is_counted_until_it_ends_where_it_began() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    CompletableFuture<String> slow =
        CompletableFuture.supplyAsync(this::held, Thread::startVirtualThread);
    Eventually.holds(
        SOON,
        "one in flight",
        () -> loadBalancer().inFlight(blue.backend()).equals(OptionalLong.of(1)));

    loadBalancer().direct(green.backend(), Optional.empty());
    assertThat(loadBalancer().inFlight(blue.backend())).hasValue(1);
    assertThat(answer()).isEqualTo("v2 green");

    blue.letGo();
    assertThat(slow.join()).isEqualTo("v1 blue");
    Eventually.holds(
        SOON,
        "none in flight",
        () -> loadBalancer().inFlight(blue.backend()).equals(OptionalLong.of(0)));
  }

  private String held() {
    try (Connection connection = Connection.open("127.0.0.1", balancer.port())) {
      return connection.send("/held", Map.of()).body().strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  public void a_former_backend_can_be_released_and_the_live_one_cannot() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    loadBalancer().direct(green.backend(), Optional.empty());

    loadBalancer().release(blue.backend());
    loadBalancer().release(blue.backend());
    loadBalancer().release(green.backend());

    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo("v2 green");
    loadBalancer().direct(blue.backend(), Optional.empty());
    assertThat(answer()).isEqualTo("v1 blue");
  }

  @Test
  public void what_was_directed_survives_a_restart() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    loadBalancer().direct(green.backend(), Optional.empty());
    balancer.stop();
    balancer.start();
    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo("v2 green");

    loadBalancer().release(blue.backend());
    balancer.stop();
    balancer.start();
    loadBalancer().check(1);
    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo("v2 green");
  }

  @Test
  public void what_was_directed_survives_a_reload() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    balancer.reload();
    assertThat(loadBalancer().live()).contains(blue.backend());
    assertThat(answer()).isEqualTo("v1 blue");

    loadBalancer().direct(green.backend(), Optional.empty());
    balancer.reload();
    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo("v2 green");
  }

  @Test
  public void a_load_balancer_that_is_down_is_unavailable() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    balancer.stop();
    everythingIsUnavailable();
    balancer.start();
    assertThat(loadBalancer().live()).contains(blue.backend());
  }

  @Test
  public void a_load_balancer_that_hangs_is_unavailable_in_bounded_time() {
    // it hangs until a call has come back
    loadBalancer().direct(blue.backend(), Optional.empty());
    balancer.freeze();
    try {
      everythingIsUnavailable();
    } finally {
      balancer.thaw();
    }
    Eventually.holds(SOON, "it answers again", () -> get(balancer, Map.of()).status() == 200);
    loadBalancer().direct(blue.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(blue.backend());
  }

  private void everythingIsUnavailable() {
    List<Consumer<LoadBalancer>> calls =
        List.of(
            it -> it.check(1),
            LoadBalancer::live,
            it -> it.direct(green.backend(), Optional.of(blue.backend())),
            it -> it.release(blue.backend()));
    for (Consumer<LoadBalancer> call : calls) {
      LoadBalancerException e = failure(() -> call.accept(balancer.loadBalancer(SHORT)));
      assertThat(e).isNotNull();
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @Test
  public void what_is_refused_leaves_the_former_state_in_force() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    balancer.makeRefuse();
    LoadBalancerException e =
        failure(() -> loadBalancer().direct(green.backend(), Optional.empty()));
    assertThat(e).isNotNull();
    assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.REFUSED);
    assertThat(answer()).isEqualTo("v1 blue");
    assertThat(loadBalancer().live()).contains(blue.backend());
  }

  @Test
  public void traffic_that_no_deployment_can_account_for_is_unclear_until_it_is_directed_again() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    balancer.meddle();
    LoadBalancerException e = failure(() -> loadBalancer().live());
    assertThat(e).isNotNull();
    assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.UNCLEAR);

    loadBalancer().direct(blue.backend(), Optional.empty());
    assertThat(loadBalancer().live()).contains(blue.backend());
    for (int i = 0; i < 10; i++) {
      assertThat(answer()).isEqualTo("v1 blue");
    }
  }

  @Test
  public void ten_switches_under_load_lose_no_request(TestReporter figures) {
    loadBalancer().direct(blue.backend(), Optional.empty());
    Load.Report report;
    try (Load load = Load.start("127.0.0.1", balancer.port(), Load.Mix.usual())) {
      for (int i = 0; i < 10; i++) {
        load.awaitMore(200, SOON);
        loadBalancer().direct(i % 2 == 0 ? green.backend() : blue.backend(), Optional.empty());
      }
      Eventually.holds(SOON, "slow ones", () -> load.answered(Load.Kind.SLOW) > 2);
      report = load.stop();
    }
    requireNothingLost(report, List.of(blue, green), figures);
    assertThat(report.kinds()).containsOnlyKeys(Load.Kind.values());
    if (keepsWebSockets()) {
      assertThat(report.upgraded()).isEqualTo(1);
    }
  }

  @Test
  public void a_backend_that_has_nothing_in_flight_any_more_can_be_stopped_under_load(
      TestReporter figures) {
    Load.Mix mix = new Load.Mix(4, 2, 3, 0, Duration.ofMillis(5), Duration.ofMillis(800));
    List<TestBackend> backends = new ArrayList<>(List.of(blue));
    loadBalancer().direct(blue.backend(), Optional.empty());
    Load.Report report;
    try (Load load = Load.start("127.0.0.1", balancer.port(), mix)) {
      for (int i = 0; i < 10; i++) {
        TestBackend former = backends.getLast();
        TestBackend next =
            backend(former.backend().colour().other(), "127.0.0." + (10 + i), "w" + i);
        backends.add(next);
        load.awaitMore(100, SOON);
        loadBalancer().direct(next.backend(), Optional.empty());
        Eventually.holds(
            SOON,
            former.name() + " is idle",
            () -> loadBalancer().inFlight(former.backend()).equals(OptionalLong.of(0)));
        loadBalancer().release(former.backend());
        former.close();
      }
      load.awaitMore(100, SOON);
      report = load.stop();
    }
    requireNothingLost(report, backends, figures);
  }

  /**
   * Requests that a user sends anew are GETs, and short: what has begun on the dead one is lost.
   */
  private static Load.Mix shortRequests() {
    return new Load.Mix(4, 3, 0, 0, Duration.ofMillis(5), Duration.ZERO);
  }

  private LoadBalancer watched() {
    loadBalancer().direct(blue.backend(), Optional.empty());
    loadBalancer().direct(green.backend(), Optional.of(blue.backend()));
    return loadBalancer();
  }

  @Test
  public void the_spare_gets_nothing_while_the_other_one_can_be_reached() {
    watched().check(1);
    assertThat(loadBalancer().live()).contains(green.backend());
    Load.Report report;
    try (Load load = Load.start("127.0.0.1", balancer.port(), Load.Mix.usual())) {
      load.awaitMore(500, SOON);
      Eventually.holds(SOON, "a slow one", () -> load.answered(Load.Kind.SLOW) > 0);
      report = load.stop();
    }
    assertThat(report.failures()).as(report.toString()).isEmpty();
    assertThat(report.answers()).containsOnlyKeys(green.name());
    assertThat(blue.accepted()).isEmpty();
    assertThat(loadBalancer().inFlight(blue.backend())).hasValue(0);
  }

  @Test
  public void the_spare_answers_when_the_other_one_dies(TestReporter figures) {
    watched();
    Load.Report report;
    Instant change;
    Instant changed;
    try (Load load = Load.start("127.0.0.1", balancer.port(), shortRequests())) {
      load.awaitMore(200, SOON);
      green.close();
      load.awaitMore(100, SOON);
      assertThat(loadBalancer().live()).contains(green.backend());
      change = Instant.now();
      loadBalancer().direct(blue.backend(), Optional.empty());
      changed = Instant.now();
      load.awaitMore(200, SOON);
      report = load.stop();
    }
    figures.publishEntry("load", longest(report) + " at most, " + report);
    assertThat(report.failures())
        .as(report.toString())
        .hasSizeLessThanOrEqualTo(lostWhenTheDeadIsLeft())
        .allMatch(
            it ->
                it.start().isBefore(changed)
                    && it.start().plus(it.took()).isAfter(change)
                    && it.failure().orElse("").endsWith("answered with status 502"));
    assertThat(report.answers()).containsOnlyKeys(blue.name(), green.name());
  }

  private static Duration longest(Load.Report report) {
    return report.requests().stream()
        .map(Load.Request::took)
        .max(Duration::compareTo)
        .orElseThrow();
  }

  @Test
  public void who_answered_in_place_of_another_is_named() {
    watched();
    green.close();
    Connection.Answer probe = get(balancer, Map.of(LoadBalancer.PROBE_HEADER, "1"));
    assertThat(probe.body().strip()).isEqualTo(blue.name());
    assertThat(probe.headers()).containsEntry("x-s3dock-backend", blue.backend().address());
    assertThat(get(balancer, Map.of()).headers()).doesNotContainKey("x-s3dock-backend");
  }

  @Test
  public void a_restart_keeps_the_spare() {
    watched();
    balancer.stop();
    balancer.start();
    assertThat(loadBalancer().live()).contains(green.backend());
    assertThat(answer()).isEqualTo(green.name());
    green.close();
    assertThat(answer()).isEqualTo(blue.name());
  }

  @Test
  public void a_spare_that_is_released_gets_nothing_any_more() {
    watched();
    loadBalancer().release(blue.backend());
    assertThat(answer()).isEqualTo(green.name());
    green.close();
    assertThat(status()).isGreaterThanOrEqualTo(500);
    balancer.stop();
    balancer.start();
    assertThat(status()).isGreaterThanOrEqualTo(500);
    assertThat(blue.accepted()).isEmpty();
  }

  @Test
  public void nobody_stands_by_any_more_after_the_next_change() {
    watched();
    loadBalancer().direct(green.backend(), Optional.empty());
    green.close();
    assertThat(status()).isGreaterThanOrEqualTo(500);
    loadBalancer().direct(blue.backend(), Optional.empty());
    assertThat(answer()).isEqualTo(blue.name());
    blue.close();
    assertThat(status()).isGreaterThanOrEqualTo(500);
  }

  private int status() {
    return get(balancer, Map.of()).status();
  }

  @Test
  public void a_request_that_the_spare_answers_is_in_flight_to_it() {
    watched();
    green.close();
    CompletableFuture<String> slow =
        CompletableFuture.supplyAsync(this::held, Thread::startVirtualThread);
    Eventually.holds(
        SOON,
        "one in flight",
        () -> loadBalancer().inFlight(blue.backend()).equals(OptionalLong.of(1)));
    blue.letGo();
    assertThat(slow.join()).isEqualTo(blue.name());
    Eventually.holds(
        SOON,
        "none in flight",
        () -> loadBalancer().inFlight(blue.backend()).equals(OptionalLong.of(0)));
  }

  /** And each request was answered by the one backend that has accepted it. */
  private void requireNothingLost(
      Load.Report report, List<TestBackend> backends, TestReporter figures) {
    figures.publishEntry("load", report.toString());
    Map<Boolean, List<Load.Request>> failures =
        report.failures().stream()
            .collect(Collectors.partitioningBy(LoadBalancerContract::isResetWhenNew));
    assertThat(failures.get(false)).as(report.toString()).isEmpty();
    assertThat(failures.get(true))
        .as(report.toString())
        .hasSizeLessThanOrEqualTo(resetsOfNewConnections());
    for (TestBackend backend : backends) {
      Set<String> answered =
          report.requests().stream()
              .filter(it -> it.answeredBy().equals(backend.name()))
              .map(Load.Request::id)
              .collect(Collectors.toSet());
      Set<String> unanswered = new TreeSet<>(backend.accepted());
      unanswered.removeAll(answered);
      assertThat(
              report.requests().stream()
                  .filter(it -> unanswered.contains(it.id()))
                  .filter(it -> !(it.retried() && mayPassOnTwice()))
                  .toList())
          .as("accepted by " + backend.name() + ", and answered by another")
          .isEmpty();
    }
  }

  private static boolean isResetWhenNew(Load.Request request) {
    String failure = request.failure().orElse("");
    return failure.contains("cannot connect to ") && failure.endsWith("Connection reset by peer");
  }
}
