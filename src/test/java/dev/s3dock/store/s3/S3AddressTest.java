package dev.s3dock.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.s3dock.store.s3.access.Addressing;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.store.s3.access.S3Route;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the bucket is addressed. */
class S3AddressTest {
  private static S3Settings at(Optional<String> endpoint) {
    return new S3Settings(
        "my-images",
        endpoint.map(URI::create),
        Optional.of("eu-central-1"),
        Optional.of(new Credentials("AKIA1", "top-secret", Optional.of("t0ken"))),
        0,
        ConditionalWrites.REQUIRED,
        Path.of("probes"));
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:9000, http://localhost:9000/my-images/a/b",
    "https://minio.example.com, https://minio.example.com/my-images/a/b",
    "https://my-images.s3.eu-central-1.amazonaws.com,"
        + " https://my-images.s3.eu-central-1.amazonaws.com/a/b",
    "https://my-images.store.example.com:8443, https://my-images.store.example.com:8443/a/b",
    "http://my-images.localhost:9000, http://my-images.localhost:9000/a/b",
    "http://my-images.s3.lan, http://my-images.s3.lan/a/b",
    "http://my-images.example:9000, http://my-images.example:9000/my-images/a/b",
    "https://my-images.example.com, https://my-images.example.com/my-images/a/b",
    "https://my-images2.example.com, https://my-images2.example.com/my-images/a/b"
  })
  void the_bucket_stands_in_the_path_unless_the_host_has_it(String endpoint, String url) {
    try (S3Clients clients = new S3Clients(at(Optional.of(endpoint)), S3Clients.Timeouts.DEFAULT)) {
      assertThat(clients.quick().utilities().getUrl(get -> get.bucket("my-images").key("a/b")))
          .hasToString(url);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PATH, https://my-images.s3.example.com, https://my-images.s3.example.com/my-images/a/b",
    "VIRTUAL, https://my-images.example.com, https://my-images.example.com/a/b",
    "VIRTUAL, https://s3.example.com:8443, https://my-images.s3.example.com:8443/a/b",
    "AUTO, https://s3.example.com, https://s3.example.com/my-images/a/b",
  })
  void a_setting_says_where_the_bucket_stands(Addressing addressing, String endpoint, String url) {
    S3Settings settings =
        new S3Settings(
            "my-images",
            Optional.of(URI.create(endpoint)),
            Optional.of("eu-central-1"),
            Optional.empty(),
            0,
            ConditionalWrites.REQUIRED,
            Path.of("probes"),
            new S3Route(Optional.empty(), Optional.empty(), addressing));
    try (S3Clients clients = new S3Clients(settings, S3Clients.Timeouts.DEFAULT)) {
      assertThat(clients.quick().utilities().getUrl(get -> get.bucket("my-images").key("a/b")))
          .hasToString(url);
    }
  }

  @Test
  void a_bucket_named_as_an_address_begins_does_not_stand_in_it() {
    S3Settings settings =
        new S3Settings(
            "127",
            Optional.of(URI.create("http://127.0.0.1:9000")),
            Optional.empty(),
            Optional.empty(),
            0,
            ConditionalWrites.REQUIRED,
            Path.of("probes"));

    assertThat(S3Address.of(settings))
        .isEqualTo(new S3Address(Optional.of(URI.create("http://127.0.0.1:9000")), true));
  }

  @Test
  void without_an_endpoint_it_is_amazons() {
    S3Address address = S3Address.of(at(Optional.empty()));

    assertThat(address.isAmazon()).isTrue();
    assertThat(address.pathStyle()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:9000", "ftp://host", "https:///path", "minio"})
  void an_endpoint_that_is_no_url_is_refused(String endpoint) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> at(Optional.of(endpoint)))
        .withMessageContaining(endpoint);
  }

  @Test
  void settings_show_no_secret() {
    assertThat(at(Optional.empty()).toString())
        .contains("AKIA1")
        .doesNotContain("top-secret")
        .doesNotContain("t0ken");
  }
}
