package dev.s3dock.deploy.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficSettingsTest {
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
    assertThatThrownBy(() -> HaproxySettings.of(backend))
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
}
