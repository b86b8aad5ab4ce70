package dev.s3dock.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientsTest {
  @ParameterizedTest
  @CsvSource({
    "docker/20.10.24+dfsg1 go/go1.19.8 UpstreamClient(Docker-Client/28.2.2), false",
    "docker/18.9.1 go/go1.11, false",
    "docker/22.6.0, false",
    "docker/23.0.0, true",
    "docker/26.1.5+dfsg1 containerd-client/1.7.24, true",
    "containerd/1.4.13~ds1, false",
    "containerd/v1.4.3, false",
    "containerd/1.5.0, true",
    "containerd/1.10.0, true",
    "containerd/2.1.4, true",
    "containers/5.24.0 (github.com/containers/image), true",
    "curl/8.0, true",
    "docker/, true",
    "docker/99999999999.0, true",
    "'', true",
  })
  void an_engine_that_cannot_unpack_zstd_is_known_by_its_name(String userAgent, boolean takes) {
    assertThat(Clients.takesZstd(userAgent)).isEqualTo(takes);
  }
}
