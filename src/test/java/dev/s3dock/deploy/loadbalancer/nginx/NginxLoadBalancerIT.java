package dev.s3dock.deploy.loadbalancer.nginx;

import static dev.s3dock.deploy.loadbalancer.Lines.replacing;
import static dev.s3dock.deploy.loadbalancer.Lines.withoutLine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerContract;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.testing.Connection;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.Manual;
import dev.s3dock.testing.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock("load balancers")
@Order(3)
class NginxLoadBalancerIT extends LoadBalancerContract {
  private static final Backend BLUE = new Backend(Colour.BLUE, "127.0.0.8", 8080);
  private static final Backend GREEN = new Backend(Colour.GREEN, "127.0.0.9", 8080);

  @Override
  public Balancer start(UnaryOperator<String> change) {
    return new NginxBalancer(change);
  }

  @Override
  public boolean keepsWebSockets() {
    return true;
  }

  @Override
  public List<Defect> defects() {
    return List.of(
        new Defect(
            "include",
            withoutLine("include").andThen(it -> "upstream app { server 127.0.0.1:1; }\n" + it)
                ::apply,
            "app.conf is not included"),
        new Defect("pass", replacing("http://app", "http://127.0.0.1:1"), "proxy_pass http://app"),
        new Defect("map", replacing("$http_x_s3dock_probe", "$http_other"), "map \"$http_x_s3dock"),
        new Defect(
            "map of before",
            replacing("\"$http_x_s3dock_probe $upstream_addr\"", "$http_x_s3dock_probe"),
            "map \"$http_x_s3dock_probe $upstream_addr\""),
        new Defect(
            "spare", withoutLine("proxy_next_upstream"), "proxy_next_upstream error http_503;"),
        new Defect("header", withoutLine("add_header"), "add_header X-S3dock-Backend"));
  }

  @Test
  void the_first_file_is_the_one_of_the_page_and_the_check_shows_it() throws IOException {
    String first = Manual.block("traffic-nginx.md", "conf");
    assertThat(NginxState.none("app").render(NginxSettings.DEFAULT_STATUS)).isEqualTo(first);
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity())) {
      Files.delete(balancer.file());
      LoadBalancerException e =
          catchThrowableOfType(LoadBalancerException.class, () -> balancer.loadBalancer().check(1));
      assertThat(e.kind()).isEqualTo(Kind.REFUSED);
      assertThat(e).hasMessageContaining(first.replace("127.0.0.1:8125", balancer.status()));
    }
  }

  @Test
  void what_nginx_says_about_its_configuration_is_in_the_message() {
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity())) {
      balancer.makeRefuse();
      LoadBalancerException e =
          catchThrowableOfType(
              LoadBalancerException.class,
              () -> balancer.loadBalancer().direct(BLUE, Optional.empty()));
      assertThat(e).hasMessageContaining("unknown directive \"nonsense\"");
    }
  }

  @Test
  void a_reload_that_fails_brings_the_former_file_back() throws IOException {
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity())) {
      balancer.loadBalancer().direct(BLUE, Optional.empty());
      String before = Files.readString(balancer.file());
      LoadBalancer failing =
          balancer.loadBalancer(
              Optional.of(List.of("sh", "-c", "echo no right >&2; exit 5")), Duration.ofMinutes(1));
      LoadBalancerException e =
          catchThrowableOfType(
              LoadBalancerException.class, () -> failing.direct(GREEN, Optional.empty()));
      assertThat(e.kind()).isEqualTo(Kind.REFUSED);
      assertThat(e).hasMessageContaining("status 5, and says: no right");
      assertThat(balancer.file()).hasContent(before);
      assertThat(balancer.loadBalancer().live()).contains(BLUE);
    }
  }

  @Test
  void a_reload_without_effect_is_noticed() throws IOException {
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity())) {
      balancer.loadBalancer().direct(BLUE, Optional.empty());
      String before = Files.readString(balancer.file());
      LoadBalancer idle =
          balancer.loadBalancer(Optional.of(List.of("true")), Duration.ofSeconds(1));
      LoadBalancerException e =
          catchThrowableOfType(
              LoadBalancerException.class, () -> idle.direct(GREEN, Optional.empty()));
      assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
      assertThat(e).hasMessageContaining("within 1 s");
      assertThat(balancer.file()).hasContent(before);
      assertThat(balancer.loadBalancer().live()).contains(BLUE);
    }
  }

  @Test
  void a_file_that_was_never_loaded_is_not_what_is_live() throws IOException {
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity())) {
      balancer.loadBalancer().direct(BLUE, Optional.empty());
      String before = Files.readString(balancer.file());
      NginxState killed =
          new NginxState("app", "abc", Optional.of(GREEN), Optional.empty(), Optional.empty());
      Files.writeString(balancer.file(), killed.render(balancer.status()));

      assertThat(balancer.loadBalancer().live()).contains(BLUE);
      balancer.loadBalancer().release(GREEN);
      assertThat(balancer.file()).hasContent(before);

      Files.writeString(balancer.file(), killed.render(balancer.status()));
      balancer.loadBalancer().direct(BLUE, Optional.empty());
      balancer.reload();
      assertThat(balancer.loadBalancer().live()).contains(BLUE);
    }
  }

  @Test
  void a_client_that_has_connected_and_not_asked_yet_is_in_flight() throws IOException {
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity());
        TestBackend blue = TestBackend.start(Colour.BLUE, "127.0.0.2", "v1")) {
      balancer.loadBalancer().direct(blue.backend(), Optional.empty());
      try (Connection early = Connection.open("127.0.0.1", balancer.port())) {
        balancer.loadBalancer().direct(GREEN, Optional.empty());
        assertThat(balancer.loadBalancer().inFlight(blue.backend())).hasValue(1);
        assertThat(early.send("/", Map.of()).body()).isEqualTo("v1 blue\n");
      }
      Eventually.holds(
          "the old worker ends",
          () -> balancer.loadBalancer().inFlight(blue.backend()).equals(OptionalLong.of(0)));
    }
  }

  @Test
  void where_workers_cannot_be_seen_a_row_of_connections_shows_the_change() {
    try (NginxBalancer balancer = new NginxBalancer(UnaryOperator.identity())) {
      balancer.loadBalancer().direct(BLUE, Optional.empty());
      NginxStatus status = new NginxStatus(balancer.settings());
      status.await(status.running().state(), Optional.empty());
      assertThat(status.running().state().backend()).contains(BLUE);
    }
  }
}
