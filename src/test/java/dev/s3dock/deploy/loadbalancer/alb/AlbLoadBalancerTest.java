package dev.s3dock.deploy.loadbalancer.alb;

import static dev.s3dock.deploy.loadbalancer.alb.TargetGroupDrivers.HOST_ID;
import static dev.s3dock.deploy.loadbalancer.alb.TargetGroupDrivers.MOMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.alb.SimulatedTargets.Reason;
import dev.s3dock.deploy.loadbalancer.alb.SimulatedTargets.Target;
import dev.s3dock.doctor.Policy;
import dev.s3dock.doctor.Role;
import dev.s3dock.testing.PlantedSecrets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver in front of a strict server of the API, which moves its states by looks. */
class AlbLoadBalancerTest {
  private static final String HOST = "10.0.1.5";
  private static final Backend BLUE = new Backend(Colour.BLUE, HOST, 20_001);
  private static final Backend GREEN = new Backend(Colour.GREEN, HOST, 20_002);
  private static final Backend PAIR =
      new Backend(Colour.GREEN, List.of(new Server(HOST, 20_003), new Server(HOST, 20_004)));
  private static final HostBackends HOST_BACKENDS =
      new HostBackends(List.of(BLUE, GREEN, PAIR), List.of());
  private static final HostBackends NONE = new HostBackends(List.of(), List.of());
  private static final String OTHER = "i-00000000000000002";
  private static final Reason TIMEOUT = new Reason("Target.Timeout", "Request timed out");

  private final TargetGroupServer server = TargetGroupServer.start();
  private final ElbClients clients = TargetGroupDrivers.clients();

  @AfterEach
  void stop() {
    clients.close();
    server.close();
  }

  private AlbLoadBalancer driver(AlbSettings settings) {
    return AlbLoadBalancer.of(
        settings,
        clients,
        TargetGroupDrivers.place(server, Duration.ofMinutes(1)),
        () -> HOST_BACKENDS);
  }

  private AlbLoadBalancer driver() {
    return driver(TargetGroupDrivers.settings(Optional.of(HOST_ID), HOST, Duration.ofMinutes(2)));
  }

  /** One that gives a target no time. */
  private AlbLoadBalancer hasty() {
    return driver(TargetGroupDrivers.settings(Optional.of(HOST_ID), HOST, MOMENT));
  }

  private void arrange(Target... registered) {
    server.arrange(
        targets -> {
          targets.beInitial(0);
          for (Target target : registered) {
            targets.register(target);
          }
        });
  }

  private static Target at(Backend backend) {
    return new Target(HOST_ID, backend.servers().getFirst().port());
  }

  private void sicken(Backend backend) {
    server.arrange(
        targets ->
            targets.check(it -> it.equals(at(backend)) ? Optional.of(TIMEOUT) : Optional.empty()));
  }

  private static LoadBalancerException failure(ThrowingCallable call) {
    LoadBalancerException e = catchThrowableOfType(LoadBalancerException.class, call);
    assertThat(e).isNotNull();
    return e;
  }

  @Test
  void before_the_first_deployment_traffic_goes_nowhere() {
    arrange(new Target(OTHER, 80));
    assertThat(driver().live()).isEmpty();
  }

  @Test
  void the_next_target_is_registered_and_healthy_before_the_former_is_deregistered() {
    driver().direct(BLUE, Optional.empty());
    assertThat(driver().live()).contains(BLUE);
    server.asked();

    driver().direct(GREEN, Optional.of(BLUE));
    assertThat(server.asked())
        .containsExactly(
            "DescribeTargetHealth",
            "RegisterTargets " + at(GREEN),
            "DescribeTargetHealth " + at(GREEN),
            "DescribeTargetHealth " + at(GREEN),
            "DescribeTargetHealth " + at(GREEN),
            "DescribeTargetHealth",
            "DeregisterTargets " + at(BLUE));
    assertThat(server.states()).containsExactly(at(BLUE) + " draining", at(GREEN) + " healthy");
    assertThat(driver().live()).contains(GREEN);
  }

  @Test
  void the_way_back_is_the_same_and_a_target_that_is_drained_comes_back() {
    driver().direct(BLUE, Optional.empty());
    driver().direct(GREEN, Optional.empty());
    driver().direct(BLUE, Optional.empty());
    assertThat(server.states()).containsExactly(at(BLUE) + " healthy", at(GREEN) + " draining");
    server.asked();
    driver().direct(BLUE, Optional.empty());
    assertThat(server.asked()).noneMatch(it -> it.startsWith("Register") || it.startsWith("Dereg"));
  }

  @Test
  void targets_of_other_hosts_are_left_alone() {
    arrange(new Target(OTHER, BLUE.servers().getFirst().port()), new Target(OTHER, 80));
    driver().direct(BLUE, Optional.empty());
    driver().direct(GREEN, Optional.empty());
    driver().release(BLUE);
    assertThat(server.states())
        .contains(OTHER + ":20001 healthy", OTHER + ":80 healthy", at(GREEN) + " healthy");
  }

  @Test
  void targets_of_another_app_on_this_host_are_not_taken_away() {
    Backend staging = new Backend(Colour.BLUE, HOST, 20_005);
    arrange(new Target(HOST_ID, staging.servers().getFirst().port()));
    AlbLoadBalancer driver =
        TargetGroupDrivers.watched(
            server,
            clients,
            HOST,
            () -> new HostBackends(List.of(BLUE), List.of(staging)),
            () -> {});
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            driver::live, () -> driver.check(1), () -> driver.direct(BLUE, Optional.empty()))) {
      LoadBalancerException e = failure(call);
      assertThat(e.kind()).isEqualTo(Kind.REFUSED);
      assertThat(e).hasMessageContainingAll(HOST_ID + ":20005", "a target group of its own");
    }
    assertThat(server.states()).containsExactly(HOST_ID + ":20005 healthy");
  }

  @Test
  void what_is_left_of_a_container_that_is_gone_is_deregistered_too() {
    arrange(new Target(HOST_ID, 29_999));
    driver().direct(BLUE, Optional.empty());
    assertThat(driver().live()).contains(BLUE);
    assertThat(server.states()).contains(HOST_ID + ":29999 draining");
  }

  @Test
  void several_containers_are_registered_and_healthy_before_the_former_is_deregistered() {
    arrange(at(BLUE));
    server.asked();
    driver().direct(PAIR, Optional.of(BLUE));
    assertThat(server.states())
        .containsExactly(
            at(BLUE) + " draining", HOST_ID + ":20003 healthy", HOST_ID + ":20004 healthy");
    assertThat(driver().live().orElseThrow().hasSameServersAs(PAIR)).isTrue();
    List<String> asked = server.asked();
    assertThat(asked.indexOf("DeregisterTargets " + at(BLUE)))
        .isGreaterThan(asked.lastIndexOf("DescribeTargetHealth " + HOST_ID + ":20004"));
    assertThat(driver().inFlight(PAIR)).isEmpty();
  }

  @Test
  void targets_of_two_sides_serve_while_one_replaces_the_other() {
    Backend part = new Backend(Colour.GREEN, List.of(PAIR.servers().getFirst()));
    arrange(at(BLUE), new Target(HOST_ID, 29_999));
    driver().checkSharing(2);
    driver().share(part, BLUE);
    assertThat(server.states())
        .containsExactlyInAnyOrder(
            at(BLUE) + " healthy", HOST_ID + ":20003 healthy", HOST_ID + ":29999 draining");
    assertThat(driver().serving()).containsExactlyInAnyOrder(part, BLUE);
    driver().settle();
    driver().release(part);
    assertThat(driver().serving()).containsExactlyInAnyOrder(part, BLUE);
    driver().direct(PAIR, Optional.empty());
    assertThat(driver().live().orElseThrow().hasSameServersAs(PAIR)).isTrue();
    driver().share(part, BLUE);
    assertThat(server.states())
        .containsExactlyInAnyOrder(
            at(BLUE) + " healthy", HOST_ID + ":20003 healthy", HOST_ID + ":20004 draining");
  }

  @Test
  void of_several_one_that_does_not_get_healthy_takes_all_back() {
    arrange(at(BLUE));
    server.arrange(
        targets ->
            targets.check(it -> it.port() == 20_004 ? Optional.of(TIMEOUT) : Optional.empty()));
    assertThat(failure(() -> hasty().direct(PAIR, Optional.empty())))
        .hasMessageContaining(HOST_ID + ":20004");
    assertThat(server.states())
        .containsExactly(
            at(BLUE) + " healthy", HOST_ID + ":20003 draining", HOST_ID + ":20004 draining");
    assertThat(driver().live()).contains(BLUE);
  }

  @Test
  void of_several_one_that_is_registered_alone_is_told_and_joined_by_the_others() {
    arrange(new Target(HOST_ID, 20_004));
    assertThat(driver().live())
        .contains(new Backend(Colour.GREEN, List.of(new Server(HOST, 20_004))));
    driver().settle();
    driver().direct(PAIR, Optional.empty());
    assertThat(server.states())
        .containsExactly(HOST_ID + ":20003 healthy", HOST_ID + ":20004 healthy");
    driver().release(PAIR);
    assertThat(server.states())
        .containsExactly(HOST_ID + ":20003 healthy", HOST_ID + ":20004 healthy");
    driver().direct(BLUE, Optional.empty());
    assertThat(server.states())
        .containsExactly(
            at(BLUE) + " healthy", HOST_ID + ":20003 draining", HOST_ID + ":20004 draining");
  }

  @Test
  void a_target_that_does_not_get_healthy_is_taken_back_with_its_reason() {
    arrange(at(BLUE));
    sicken(GREEN);
    LoadBalancerException e = failure(() -> hasty().direct(GREEN, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e)
        .hasMessageContainingAll(
            at(GREEN).toString(),
            "unhealthy (Target.Timeout: Request timed out)",
            "security groups");
    assertThat(server.states()).containsExactly(at(BLUE) + " healthy", at(GREEN) + " draining");
    assertThat(driver().live()).contains(BLUE);
  }

  @Test
  void the_one_that_serves_is_not_taken_back_when_it_is_not_healthy() {
    arrange(at(BLUE));
    sicken(BLUE);
    assertThat(failure(() -> hasty().direct(BLUE, Optional.empty())).kind())
        .isEqualTo(Kind.REFUSED);
    assertThat(server.states()).containsExactly(at(BLUE) + " unhealthy");
  }

  @Test
  void a_target_group_that_nobody_uses_is_told_at_once() {
    server.arrange(targets -> targets.attach(false));
    LoadBalancerException e = failure(() -> driver().direct(BLUE, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e).hasMessageContainingAll("Target.NotInUse", "a listener forwards");
    assertThat(server.states()).containsExactly(at(BLUE) + " draining");
  }

  @Test
  void who_waits_goes_on_when_the_api_asks_to_be_left_alone() {
    arrange(at(BLUE));
    server.arrange(targets -> targets.beInitial(3));
    AlbLoadBalancer watched =
        TargetGroupDrivers.watched(
            server, clients, HOST, () -> HOST_BACKENDS, new Throttling()::step);
    watched.direct(GREEN, Optional.empty());
    assertThat(driver().live()).contains(GREEN);
  }

  /** More than the SDK tries, once the target is registered. */
  private final class Throttling {
    private int requests;

    void step() {
      requests++;
      if (requests == 3) {
        server.throttle(2);
      }
    }
  }

  @Test
  void throttling_and_faults_are_tried_again_and_then_unavailable() {
    server.throttle(1);
    assertThat(driver().live()).isEmpty();
    server.throttle(2);
    LoadBalancerException throttled = failure(() -> driver().live());
    assertThat(throttled.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(throttled).hasMessageContainingAll("too many requests", "Rate exceeded");
    server.fail(2);
    assertThat(failure(() -> driver().live()).kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DescribeTargetGroups",
        "DescribeTargetGroupAttributes",
        "DescribeTargetHealth",
        "RegisterTargets"
      })
  void a_permission_that_is_missing_is_named(String action) {
    server.deny(action);
    LoadBalancerException e =
        failure(
            () -> {
              driver().check(1);
              driver().direct(BLUE, Optional.empty());
            });
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e)
        .hasMessageContainingAll(
            "elasticloadbalancing:" + action, "doctor --policy deployer", "web");
  }

  @Test
  void who_may_register_and_not_deregister_leaves_a_state_that_is_told() {
    arrange(at(BLUE));
    server.deny("DeregisterTargets");
    LoadBalancerException e = failure(() -> driver().direct(GREEN, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(e).hasMessageContainingAll("elasticloadbalancing:DeregisterTargets", "again");
    assertThat(failure(() -> driver().live()).kind()).isEqualTo(Kind.UNCLEAR);
  }

  @Test
  void wrong_credentials_are_told() {
    assertWrong("AKIDOTHER", PlantedSecrets.SECRET_KEY, "InvalidClientTokenId");
    assertWrong(PlantedSecrets.ACCESS_KEY, "another", "SignatureDoesNotMatch");
  }

  private void assertWrong(String accessKey, String secretKey, String code) {
    try (ElbClients wrong = TargetGroupDrivers.clients(accessKey, secretKey)) {
      AlbLoadBalancer driver =
          AlbLoadBalancer.of(
              TargetGroupDrivers.settings(Optional.of(HOST_ID), HOST, MOMENT),
              wrong,
              TargetGroupDrivers.place(server, Duration.ofMinutes(1)),
              () -> NONE);
      LoadBalancerException e = failure(driver::live);
      assertThat(e.kind()).isEqualTo(Kind.REFUSED);
      assertThat(e).hasMessageContainingAll("credentials are wrong", code);
    }
  }

  @Test
  void an_instance_that_the_group_does_not_take_is_told() {
    server.refuse(HOST_ID);
    LoadBalancerException e = failure(() -> driver().direct(BLUE, Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e).hasMessageContainingAll("traffic.instance", HOST_ID);
  }

  @Test
  void a_container_that_the_load_balancer_cannot_reach_is_refused() {
    LoadBalancerException e =
        failure(() -> driver().direct(new Backend(Colour.BLUE, "127.0.0.1", 1), Optional.empty()));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void an_api_that_does_not_answer_is_unavailable_in_bounded_time() {
    server.hang();
    AlbLoadBalancer impatient =
        AlbLoadBalancer.of(
            TargetGroupDrivers.settings(Optional.of(HOST_ID), HOST, MOMENT),
            clients,
            TargetGroupDrivers.place(server, Duration.ofMillis(200)),
            () -> NONE);
    assertThat(failure(impatient::live).kind()).isEqualTo(Kind.UNAVAILABLE);
    server.goOn();
    server.close();
    LoadBalancerException e = failure(impatient::live);
    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(e).hasMessageContaining("eu-central-1");
  }

  @Test
  void who_is_interrupted_while_waiting_leaves_the_rest_to_the_way_back() {
    arrange(at(BLUE));
    sicken(GREEN);
    Thread self = Thread.currentThread();
    AlbLoadBalancer watched =
        TargetGroupDrivers.watched(
            server,
            clients,
            HOST,
            () -> HOST_BACKENDS,
            () -> {
              if (server.states().contains(at(GREEN) + " unhealthy")) {
                self.interrupt();
              }
            });
    LoadBalancerException e = failure(() -> watched.direct(GREEN, Optional.empty()));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
    driver().direct(BLUE, Optional.empty());
    assertThat(driver().live()).contains(BLUE);
    assertThat(server.states()).contains(at(GREEN) + " draining");
  }

  // ---- what serves is what DescribeTargetHealth says

  @Test
  void beside_one_that_is_not_healthy_yet_the_healthy_one_serves() {
    arrange(at(BLUE));
    assertThat(driver().live()).contains(BLUE);
    server.arrange(targets -> targets.beInitial(1000));
    server.pass(1000);
    server.arrange(targets -> targets.register(at(GREEN)));
    assertThat(server.states()).containsExactly(at(BLUE) + " healthy", at(GREEN) + " initial");
    assertThat(driver().live()).contains(BLUE);
    assertThat(driver().inFlight(GREEN)).hasValue(0);
    driver().release(GREEN);
    assertThat(server.states()).contains(at(GREEN) + " draining");
  }

  @Test
  void what_a_dead_deployment_waited_for_is_taken_out_before_it_serves_too() {
    arrange(at(BLUE), new Target(OTHER, 80));
    sicken(GREEN);
    server.arrange(targets -> targets.register(at(GREEN)));
    driver().settle();
    assertThat(server.states())
        .containsExactly(OTHER + ":80 healthy", at(BLUE) + " healthy", at(GREEN) + " draining");
    server.asked();
    driver().settle();
    assertThat(server.asked()).containsExactly("DescribeTargetHealth");
  }

  @Test
  void of_two_the_one_that_fell_ill_does_not_serve() {
    arrange(at(BLUE), at(GREEN));
    sicken(BLUE);
    assertThat(driver().live()).contains(GREEN);
    driver().release(GREEN);
    assertThat(server.states()).contains(at(GREEN) + " healthy");
  }

  @Test
  void two_that_are_healthy_share_the_traffic_until_it_is_directed_again() {
    arrange(at(BLUE), at(GREEN));
    assertThat(driver().serving()).containsExactlyInAnyOrder(BLUE, GREEN);
    LoadBalancerException e = failure(() -> driver().live());
    assertThat(e.kind()).isEqualTo(Kind.UNCLEAR);
    assertThat(e).hasMessageContainingAll(BLUE.address(), GREEN.address(), "deploy again");
    driver().direct(BLUE, Optional.empty());
    assertThat(driver().live()).contains(BLUE);
  }

  @Test
  void one_alone_is_live_and_its_illness_is_an_objection() {
    arrange(at(BLUE));
    assertThat(driver().objection(BLUE)).isEmpty();
    sicken(BLUE);
    assertThat(driver().live()).contains(BLUE);
    assertThat(driver().objection(BLUE).orElseThrow())
        .contains("unhealthy (Target.Timeout: Request timed out)", "web");
  }

  @Test
  void a_target_where_no_container_of_ours_is_counts_as_well() {
    arrange(new Target(HOST_ID, 8080));
    assertThat(driver().live()).contains(new Backend(Colour.BLUE, HOST, 8080));
  }

  @Test
  void open_requests_are_not_known_until_a_target_is_drained() {
    driver().direct(BLUE, Optional.empty());
    assertThat(driver().inFlight(BLUE)).isEmpty();
    driver().direct(GREEN, Optional.empty());
    assertThat(driver().inFlight(BLUE)).isEmpty();
    server.pass(10);
    assertThat(driver().inFlight(BLUE)).hasValue(0);
  }

  @Test
  void a_former_target_can_be_released_and_the_live_one_cannot() {
    driver().direct(BLUE, Optional.empty());
    driver().release(BLUE);
    assertThat(driver().live()).contains(BLUE);
    driver().direct(GREEN, Optional.empty());
    driver().release(BLUE);
    driver().release(BLUE);
    driver().release(GREEN);
    assertThat(driver().live()).contains(GREEN);
  }

  @Test
  void whoever_waits_asks_once_in_a_while() {
    AlbSettings settings =
        new AlbSettings(
            TargetGroupArn.parse(TargetGroupServer.ARN),
            Optional.of(HOST_ID),
            HOST,
            Duration.ofMinutes(1),
            Duration.ofSeconds(5),
            Duration.ofHours(1));
    arrange(at(BLUE), at(GREEN));
    sicken(GREEN);
    AlbLoadBalancer slow = driver(settings);
    for (int i = 0; i < 10; i++) {
      assertThat(slow.live()).contains(BLUE);
      assertThat(slow.inFlight(BLUE)).isEmpty();
      assertThat(slow.objection(BLUE)).isEmpty();
    }
    assertThat(server.asked()).containsExactly("DescribeTargetHealth");
    slow.release(GREEN);
    assertThat(slow.live()).contains(BLUE);
    assertThat(server.asked())
        .as("what it has done itself, it sees at once")
        .containsExactly(
            "DescribeTargetHealth", "DeregisterTargets " + at(GREEN), "DescribeTargetHealth");
  }

  // ---- IP addresses

  @Test
  void a_host_whose_address_is_the_target_finds_its_own_by_that() {
    server.set("TargetType", "ip");
    arrange(new Target("10.0.9.9", 20_001));
    AlbLoadBalancer byAddress =
        driver(TargetGroupDrivers.settings(Optional.empty(), HOST, Duration.ofMinutes(2)));
    byAddress.check(1);
    byAddress.direct(BLUE, Optional.empty());
    byAddress.direct(GREEN, Optional.empty());
    assertThat(byAddress.live()).contains(GREEN);
    assertThat(server.states())
        .containsExactly(
            HOST + ":20001 draining", HOST + ":20002 healthy", "10.0.9.9:20001 healthy");
  }

  @Test
  void a_container_at_a_former_address_of_the_host_is_still_found() {
    server.set("TargetType", "ip");
    Backend former = new Backend(Colour.GREEN, "10.0.1.4", 20_003);
    arrange(new Target("10.0.1.4", 20_003), new Target("10.0.1.4", 80));
    AlbLoadBalancer moved =
        AlbLoadBalancer.of(
            TargetGroupDrivers.settings(Optional.empty(), HOST, Duration.ofMinutes(2)),
            clients,
            TargetGroupDrivers.place(server, Duration.ofMinutes(1)),
            () -> new HostBackends(List.of(former, BLUE), List.of()));
    assertThat(moved.live()).contains(former);
    moved.direct(BLUE, Optional.empty());
    assertThat(server.states())
        .containsExactly("10.0.1.4:20003 draining", "10.0.1.4:80 healthy", HOST + ":20001 healthy");
  }

  // ---- the check

  @Test
  void a_group_that_is_as_the_page_says_passes_the_check() {
    driver().check(1);
    assertThat(server.asked())
        .containsExactly(
            "DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTargetHealth");
    assertThat(driver().describe()).contains("web", "eu-central-1", HOST_ID);
  }

  @ParameterizedTest
  @CsvSource({
    "TargetType, ip, traffic.target",
    "TargetType, lambda, traffic.target",
    "Protocol, UDP, TCP",
    "HealthCheckPort, 8080, traffic-port"
  })
  void the_check_says_what_to_change(String element, String value, String says) {
    server.set(element, value);
    LoadBalancerException e = failure(() -> driver().check(1));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e).hasMessageContainingAll("web", value, says);
  }

  @Test
  void the_check_wants_a_listener_and_time_to_drain() {
    server.arrange(targets -> targets.attributes.put(SimulatedTargets.DELAY, "300"));
    assertThat(failure(() -> driver().check(1)))
        .hasMessageContainingAll("drain to \"300s\"", "attribute to 5");
    server.arrange(targets -> targets.attach(false));
    assertThat(failure(() -> driver().check(1))).hasMessageContaining("no load balancer");
  }

  @Test
  void a_group_that_is_not_there_is_told_by_its_arn() {
    String arn = TargetGroupServer.ARN.replace("/web/", "/gone/");
    AlbSettings settings =
        new AlbSettings(
            TargetGroupArn.parse(arn),
            Optional.of(HOST_ID),
            HOST,
            MOMENT,
            Duration.ofSeconds(5),
            MOMENT);
    LoadBalancerException e = failure(() -> driver(settings).check(1));
    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e).hasMessageContainingAll(arn, "does not exist");
  }

  @Test
  void the_policy_of_a_deployer_allows_what_is_asked_for_and_nothing_else() {
    driver().check(1);
    driver().direct(BLUE, Optional.empty());
    driver().direct(GREEN, Optional.empty());
    Set<String> asked =
        server.asked().stream()
            .map(it -> "elasticloadbalancing:" + it.split(" ")[0])
            .collect(Collectors.toSet());
    Policy policy =
        Policy.of(
            Role.DEPLOYER,
            new Policy.Scope(
                "bucket",
                Optional.empty(),
                Optional.empty(),
                Optional.of("web-1"),
                List.of(TargetGroupServer.ARN)));
    Set<String> allowed =
        policy.statements().stream()
            .flatMap(it -> it.actions().stream())
            .filter(it -> it.startsWith("elasticloadbalancing:"))
            .collect(Collectors.toSet());
    assertThat(allowed).isEqualTo(asked);
  }
}
