package dev.s3dock.deploy.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.loadbalancer.caddy.CaddySettings;
import dev.s3dock.deploy.loadbalancer.haproxy.HaproxySettings;
import dev.s3dock.deploy.loadbalancer.nginx.NginxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadBalancerSettingsTest {
  private static final Path FILE = Path.of("/run/s3dock/file");
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(strings = {"/run/a.sock", "127.0.0.1:2019", "localhost:1", "[::1]:9999"})
  void an_endpoint_is_the_path_of_a_socket_or_host_and_port(String text) {
    assertThat(new Endpoint(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "run/a.sock", "host", "host:", ":80", "host:port", "host:70000"})
  void another_endpoint_is_refused_by_name(String text) {
    assertThatThrownBy(() -> new Endpoint(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/blue", "a;show env", "a\nb"})
  void a_name_that_would_change_an_order_to_haproxy_is_refused(String backend) {
    assertThatThrownBy(() -> new HaproxySettings("/s", backend, FILE, Optional.empty(), TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + backend + "'");
  }

  @Test
  void haproxy_needs_an_absolute_state_file_and_a_timeout() {
    assertThatThrownBy(
            () -> new HaproxySettings("/s", "app", Path.of("state"), Optional.empty(), TIMEOUT))
        .hasMessageContaining("'state'");
    assertThatThrownBy(
            () -> new HaproxySettings("/s", "app", FILE, Optional.empty(), Duration.ZERO))
        .hasMessageContaining("timeout");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a;", "a{", "-a", "a\nb"})
  void a_name_that_would_change_the_file_of_nginx_is_refused(String upstream) {
    assertThatThrownBy(() -> nginx(upstream, "127.0.0.1:8125", List.of("nginx"), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + upstream + "'");
  }

  @Test
  void nginx_needs_commands_that_are_not_empty_and_a_port_for_its_status() {
    assertThatThrownBy(() -> nginx("app", "127.0.0.1:8125", List.of(), Optional.empty()))
        .hasMessageContaining("command line of nginx");
    assertThatThrownBy(
            () -> nginx("app", "127.0.0.1:8125", List.of("nginx"), Optional.of(List.of(" "))))
        .hasMessageContaining("reload of nginx");
    assertThatThrownBy(() -> nginx("app", "/run/status.sock", List.of("nginx"), Optional.empty()))
        .hasMessageContaining("'/run/status.sock'");
  }

  private static NginxSettings nginx(
      String upstream, String status, List<String> program, Optional<List<String>> reload) {
    return new NginxSettings(upstream, FILE, status, program, reload, TIMEOUT, TIMEOUT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "../config", "a b", "a?b", "a\r\nHost: x"})
  void an_id_that_would_change_a_request_to_caddy_is_refused(String id) {
    assertThatThrownBy(() -> new CaddySettings("127.0.0.1:2019", id, TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + id + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"web", "", "1.2.3", "1.2.3.4 ;", "1.2.3.4\nset server"})
  void a_backend_takes_an_ip_address_and_nothing_else(String host) {
    assertThatThrownBy(() -> new Backend(Colour.BLUE, host, 80))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
