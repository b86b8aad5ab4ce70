package dev.s3dock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyVariablesTest {
  private static final String PROXY = "http://proxy:3128";

  private static Optional<URI> proxy(String to, Map<String, String> environment) {
    return ProxyVariables.proxy(environment, URI.create(to));
  }

  @ParameterizedTest
  @CsvSource({
    "https://s3.amazonaws.com, HTTPS_PROXY, true",
    "https://s3.amazonaws.com, https_proxy, true",
    "https://s3.amazonaws.com, HTTP_PROXY, false",
    "http://minio:9000, HTTP_PROXY, true",
    "http://minio:9000, http_proxy, true",
    "http://minio:9000, HTTPS_PROXY, false",
  })
  void the_variable_of_the_scheme_counts(String to, String variable, boolean used) {
    assertThat(proxy(to, Map.of(variable, PROXY)).isPresent()).isEqualTo(used);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "* | false",
        "minio.lan | false",
        ".lan | false",
        "*.lan | false",
        "lan | false",
        "other, MINIO.LAN | false",
        "minio.lan:9000 | false",
        "minio.lan:9001 | true",
        "nio.lan | true",
        "other.lan | true",
        "'' | true",
      })
  void what_is_excepted_is_reached_directly(String exceptions, boolean used) {
    assertThat(
            proxy("https://minio.lan:9000", Map.of("HTTPS_PROXY", PROXY, "NO_PROXY", exceptions))
                .isPresent())
        .isEqualTo(used);
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.0.0.0/8, false",
    "10.1.2.3, 10.1.2.3, false",
    "11.1.2.3, 10.0.0.0/8, true",
    "10.1.2.3, 10.1.2.0/23, false",
    "10.1.4.3, 10.1.2.0/23, true",
    "10.1.2.3, 0.0.0.0/0, false",
    "10.1.2.3, 10.0.0.0/40, true",
    "10.1.2.3, 10.0.0.0/x, true",
    "10.1.2.3, fd00::/8, true",
    "[fd00::1], fd00::/8, false",
    "[fd00::1], fd00::1, false",
    "[fd00::1], [fd00::1], false",
    "minio.lan., minio.lan, false",
    "minio.lan, 10.0.0.0/8, true",
  })
  void networks_and_addresses_are_excepted_as_by_curl(String host, String names, boolean used) {
    assertThat(
            proxy("https://" + host, Map.of("HTTPS_PROXY", PROXY, "NO_PROXY", names)).isPresent())
        .isEqualTo(used);
  }

  @Test
  void a_proxy_may_have_a_user_and_needs_no_scheme() {
    assertThat(proxy("https://a", Map.of("HTTPS_PROXY", "proxy:3128")))
        .contains(URI.create("http://proxy:3128"));
    assertThat(proxy("https://a", Map.of("HTTPS_PROXY", "http://u:p@proxy:3128")))
        .contains(URI.create("http://u:p@proxy:3128"));
  }

  @Test
  void one_that_is_no_url_is_refused_without_its_password() {
    assertThatThrownBy(() -> proxy("https://a", Map.of("HTTPS_PROXY", "socks5://u:s3cret@p")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("http://host:port")
        .hasMessageNotContaining("s3cret");
  }
}
