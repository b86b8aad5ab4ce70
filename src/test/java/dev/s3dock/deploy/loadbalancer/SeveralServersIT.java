package dev.s3dock.deploy.loadbalancer;

import static dev.s3dock.deploy.loadbalancer.Lines.replacing;
import static dev.s3dock.deploy.loadbalancer.Lines.withoutLine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.LoadBalancers.KernelSetting;
import dev.s3dock.testing.TestBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the drivers promise beyond {@link LoadBalancerContract} where a side has two containers. */
@ResourceLock("load balancers")
@ResourceLock("tcp_migrate_req")
@Tag("loadbalancer")
@Order(3)
class SeveralServersIT {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static KernelSetting migration;

  private final List<AutoCloseable> opened = new ArrayList<>();

  enum Kind {
    HAPROXY,
    NGINX,
    CADDY;

    Balancer start() {
      return switch (this) {
        case HAPROXY -> Balancers.haproxyForTwo(UnaryOperator.identity());
        case NGINX -> Balancers.nginx();
        case CADDY -> Balancers.caddyForTwo();
      };
    }
  }

  /** A load balancer, and the two containers of each side. */
  private record Scene(LoadBalancer loadBalancer, int port, List<TestBackend> containers) {
    Backend side(Colour colour) {
      return new Backend(
          colour,
          containers.stream()
              .map(TestBackend::backend)
              .filter(it -> it.colour() == colour)
              .map(it -> it.servers().getFirst())
              .toList());
    }

    Load load(int slow) {
      return Load.start(
          "127.0.0.1",
          port,
          new Load.Mix(4, 2, slow, 0, Duration.ofMillis(5), Duration.ofMillis(500)));
    }
  }

  @BeforeAll
  static void letTheKernelMoveConnections() {
    migration = KernelSetting.set("net/ipv4/tcp_migrate_req", "1");
  }

  @AfterAll
  static void putTheSettingBack() {
    migration.close();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : opened.reversed()) {
      resource.close();
    }
  }

  private Scene scene(Kind kind) {
    Balancer balancer = kind.start();
    opened.add(balancer);
    List<TestBackend> containers = new ArrayList<>();
    for (String name : List.of("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")) {
      Colour colour = containers.size() < 2 ? Colour.BLUE : Colour.GREEN;
      TestBackend container = TestBackend.start(colour, name, "c" + (containers.size() + 1));
      containers.add(container);
      opened.add(container);
    }
    return new Scene(balancer.loadBalancer(), balancer.port(), containers);
  }

  private static List<String> names(Scene scene, Colour colour) {
    return scene.containers().stream()
        .filter(it -> it.backend().colour() == colour)
        .map(TestBackend::name)
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void both_share_the_requests_and_switches_under_load_lose_none(Kind kind, TestReporter figures) {
    Scene scene = scene(kind);
    scene.loadBalancer().check(2);
    assertThat(scene.loadBalancer().live()).isEmpty();
    scene.loadBalancer().direct(scene.side(Colour.BLUE), Optional.empty());
    assertThat(scene.loadBalancer().live()).contains(scene.side(Colour.BLUE));
    Load.Report report;
    try (Load load = scene.load(1)) {
      load.awaitMore(60, SOON);
      for (Colour next : List.of(Colour.GREEN, Colour.BLUE, Colour.GREEN)) {
        Backend former = scene.side(next.other());
        scene.loadBalancer().direct(scene.side(next), Optional.of(former));
        assertThat(scene.loadBalancer().live()).contains(scene.side(next));
        load.awaitMore(60, SOON);
        Eventually.holds(
            SOON,
            former + " is idle",
            () -> scene.loadBalancer().inFlight(former).equals(OptionalLong.of(0)));
        scene.loadBalancer().release(former);
        assertThat(scene.loadBalancer().live()).contains(scene.side(next));
        load.awaitMore(60, SOON);
      }
      report = load.stop();
    }
    figures.publishEntry(kind.name(), report.toString());
    assertThat(report.failures()).as(report.toString()).isEmpty();
    assertThat(report.answers().keySet())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Colour.values()).flatMap(it -> names(scene, it).stream()).toList());
  }

  @ParameterizedTest
  @EnumSource
  void the_other_one_takes_what_a_dead_one_does_not_and_then_who_stands_by(
      Kind kind, TestReporter figures) {
    Scene scene = scene(kind);
    scene.loadBalancer().direct(scene.side(Colour.BLUE), Optional.empty());
    scene.loadBalancer().direct(scene.side(Colour.GREEN), Optional.of(scene.side(Colour.BLUE)));
    Load.Report report;
    try (Load load = scene.load(0)) {
      load.awaitMore(100, SOON);
      assertThat(scene.containers().subList(0, 2)).allMatch(it -> it.accepted().isEmpty());
      scene.containers().get(2).close();
      load.awaitMore(100, SOON);
      assertThat(scene.loadBalancer().live()).contains(scene.side(Colour.GREEN));
      // with Caddy nobody stands by for several, and a change ends what is between two tries
      if (kind != Kind.CADDY) {
        scene.containers().get(3).close();
        load.awaitMore(100, SOON);
        scene.loadBalancer().direct(scene.side(Colour.BLUE), Optional.empty());
        load.awaitMore(100, SOON);
      }
      report = load.stop();
    }
    figures.publishEntry(kind.name(), report.toString());
    assertThat(report.failures()).as(report.toString()).isEmpty();
  }

  /** The steps of an update one after the other, there and back again. */
  @ParameterizedTest
  @EnumSource
  void servers_of_two_sides_share_the_requests_and_replace_each_other_under_load(
      Kind kind, TestReporter figures) {
    Scene scene = scene(kind);
    scene.loadBalancer().checkSharing(2);
    scene.loadBalancer().direct(scene.side(Colour.BLUE), Optional.empty());
    Load.Report report;
    try (Load load = scene.load(1)) {
      for (Colour next : List.of(Colour.GREEN, Colour.BLUE)) {
        load.awaitMore(60, SOON);
        Backend first = one(scene, next, 0);
        Backend gone = one(scene, next.other(), 0);
        Backend stays = one(scene, next.other(), 1);
        scene.loadBalancer().share(first, stays);
        assertShared(scene, first, stays);
        scene.loadBalancer().share(first, stays);
        release(scene, gone);
        assertShared(scene, first, stays);
        int accepted = accepted(scene, gone);
        load.awaitMore(60, SOON);
        assertThat(accepted(scene, gone)).isEqualTo(accepted);
        scene.loadBalancer().direct(scene.side(next), Optional.of(stays));
        assertThat(scene.loadBalancer().live()).contains(scene.side(next));
        load.awaitMore(60, SOON);
        release(scene, stays);
        assertThat(scene.loadBalancer().live()).contains(scene.side(next));
      }
      report = load.stop();
    }
    figures.publishEntry(kind.name(), report.toString());
    assertThat(report.failures()).as(report.toString()).isEmpty();
    assertThat(report.answers().keySet())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Colour.values()).flatMap(it -> names(scene, it).stream()).toList());
  }

  private static Backend one(Scene scene, Colour colour, int index) {
    return new Backend(colour, List.of(scene.side(colour).servers().get(index)));
  }

  private static void assertShared(Scene scene, Backend one, Backend other) {
    assertThat(scene.loadBalancer().serving()).containsExactlyInAnyOrder(one, other);
    assertThat(scene.loadBalancer().identifies()).isTrue();
  }

  private static int accepted(Scene scene, Backend at) {
    return scene.containers().stream()
        .filter(it -> it.backend().sharesServerWith(at))
        .mapToInt(it -> it.accepted().size())
        .sum();
  }

  private static void release(Scene scene, Backend former) {
    Eventually.holds(
        SOON,
        former + " is idle",
        () -> scene.loadBalancer().inFlight(former).equals(OptionalLong.of(0)));
    scene.loadBalancer().release(former);
  }

  @ParameterizedTest
  @EnumSource
  void servers_of_two_sides_survive_a_restart_and_a_reload_and_stand_in_for_each_other(
      Kind kind, TestReporter figures) {
    Scene scene = scene(kind);
    Balancer balancer = (Balancer) opened.getFirst();
    Backend first = one(scene, Colour.GREEN, 0);
    Backend stays = one(scene, Colour.BLUE, 1);
    scene.loadBalancer().direct(scene.side(Colour.BLUE), Optional.empty());
    scene.loadBalancer().share(first, stays);
    balancer.reload();
    assertShared(scene, first, stays);
    balancer.stop();
    balancer.start();
    assertShared(scene, first, stays);
    Load.Report report;
    try (Load load = scene.load(0)) {
      load.awaitMore(60, SOON);
      scene.containers().get(2).close(); // the new one
      load.awaitMore(60, SOON);
      report = load.stop();
    }
    figures.publishEntry(kind.name(), report.toString());
    assertThat(report.failures()).as(report.toString()).isEmpty();
    assertThat(report.answers().keySet())
        .containsExactlyInAnyOrder(
            scene.containers().get(1).name(), scene.containers().get(2).name());
    scene.loadBalancer().direct(scene.side(Colour.BLUE), Optional.empty());
    assertThat(scene.loadBalancer().live()).contains(scene.side(Colour.BLUE));
    scene.loadBalancer().release(first);
    assertThat(scene.loadBalancer().live()).contains(scene.side(Colour.BLUE));
  }

  @ParameterizedTest
  @EnumSource
  void one_alone_and_several_follow_each_other_also_over_a_restart(Kind kind) {
    Scene scene = scene(kind);
    Backend alone = scene.containers().get(0).backend();
    for (Backend next : List.of(alone, scene.side(Colour.GREEN), alone)) {
      scene.loadBalancer().direct(next, Optional.empty());
      assertThat(scene.loadBalancer().live()).contains(next);
    }
    scene.loadBalancer().direct(scene.side(Colour.GREEN), Optional.of(alone));
    Balancer balancer = (Balancer) opened.getFirst();
    balancer.stop();
    balancer.start();
    assertThat(scene.loadBalancer().live()).contains(scene.side(Colour.GREEN));
    scene.loadBalancer().release(alone);
    assertThat(scene.loadBalancer().live()).contains(scene.side(Colour.GREEN));
  }

  @Test
  void the_check_says_what_is_missing_for_several() {
    requireRefused(Balancers::haproxy, 2, "no server blue-2");
    requireRefused(Balancers::caddy, 2, "\"round_robin\"");
    requireRefused(() -> forTwo(UnaryOperator.identity()), 3, "no server blue-3");
    requireRefused(
        () -> forTwo(replacing("balance roundrobin", "balance first")), 2, "`balance first`");
    requireRefused(() -> forTwo(withoutLine("option allbackups")), 2, "`option allbackups`");
    requireRefused(() -> forTwo(replacing(" on-error mark-down", "")), 2, "on-error mark-down");
    requireRefused(() -> forTwo(replacing("retries 3", "retries 1")), 2, "`retries 3`");
    requireRefused(
        () -> forTwo(replacing("spare-2.s3dock.invalid:80 backup", "spare-2.s3dock.invalid:80")),
        2,
        "server spare-2 is not marked `backup`");
  }

  private static Balancer forTwo(UnaryOperator<String> change) {
    return Balancers.haproxyForTwo(change);
  }

  private static void requireRefused(Supplier<Balancer> start, int servers, String says) {
    try (Balancer balancer = start.get()) {
      assertThatThrownBy(() -> balancer.loadBalancer().check(servers))
          .isInstanceOf(LoadBalancerException.class)
          .hasMessageContaining(says);
    }
  }

  @Test
  void lines_for_two_do_for_one() {
    try (Balancer balancer = forTwo(UnaryOperator.identity())) {
      balancer.loadBalancer().check(1);
    }
  }
}
