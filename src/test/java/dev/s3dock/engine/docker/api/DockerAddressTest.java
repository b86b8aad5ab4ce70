package dev.s3dock.engine.docker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerAddressTest {
  @TempDir Path home;

  @Test
  void default_socket_without_any_setting() {
    assertThat(find().host()).isEqualTo("unix:///var/run/docker.sock");
    assertThat(find().certificates()).isEmpty();
  }

  @Test
  void host_comes_before_context() throws IOException {
    context("far", "tcp://far:2376");
    assertThat(find("DOCKER_HOST", "unix:///x.sock", "DOCKER_CONTEXT", "far").host())
        .isEqualTo("unix:///x.sock");
    assertThat(find("DOCKER_HOST", "", "DOCKER_CONTEXT", "far").host()).isEqualTo("tcp://far:2376");
  }

  @Test
  void current_context_is_read_from_the_config_file() throws IOException {
    context("far", "tcp://far:2376");
    Files.writeString(home.resolve(".docker/config.json"), "{\"currentContext\": \"far\"}");
    assertThat(find().host()).isEqualTo("tcp://far:2376");
    assertThat(find("DOCKER_CONTEXT", "default").host()).isEqualTo(DockerAddress.DEFAULT_HOST);
    assertThat(find("DOCKER_CONFIG", home.resolve("empty").toString()).host())
        .isEqualTo(DockerAddress.DEFAULT_HOST);
  }

  @Test
  void context_brings_its_certificates() throws IOException {
    Path certificates = Files.createDirectories(contexts("tls", "far").resolve("docker"));
    context("far", "tcp://far:2376");
    assertThat(find("DOCKER_CONTEXT", "far").certificates()).contains(certificates);
  }

  @Test
  void tls_of_the_environment() {
    assertThat(find("DOCKER_HOST", "tcp://x", "DOCKER_TLS_VERIFY", "1").certificates())
        .contains(home.resolve(".docker"));
    assertThat(
            find("DOCKER_HOST", "tcp://x", "DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", "/certs")
                .certificates())
        .contains(Path.of("/certs"));
    assertThat(find("DOCKER_HOST", "tcp://x", "DOCKER_CERT_PATH", "/certs").certificates())
        .isEmpty();
  }

  @Test
  void unknown_context_and_broken_config_are_named() throws IOException {
    assertThatThrownBy(() -> find("DOCKER_CONTEXT", "nowhere")).hasMessageContaining("'nowhere'");
    Files.createDirectories(home.resolve(".docker"));
    Files.writeString(home.resolve(".docker/config.json"), "{");
    assertThatThrownBy(this::find).hasMessageContaining("config.json");
  }

  @ParameterizedTest
  @CsvSource({
    "tcp://far,              tcp://far:2375",
    "tcp://far:99,           tcp://far:99",
    "http://far:99,          tcp://far:99",
    "tcp://[::1]:99,         tcp://[::1]:99",
    "unix:///a b/docker.sock, unix:/a%20b/docker.sock"
  })
  void address_takes_the_form_of_the_transport(String host, String uri) {
    assertThat(find("DOCKER_HOST", host).uri()).hasToString(uri);
  }

  @Test
  void port_of_tls_is_another() {
    assertThat(find("DOCKER_HOST", "tcp://far", "DOCKER_TLS_VERIFY", "1").uri())
        .hasToString("tcp://far:2376");
  }

  private DockerAddress find(String... settings) {
    Map<String, String> environment = new HashMap<>(Map.of("HOME", home.toString()));
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    return DockerAddress.find(environment);
  }

  private Path contexts(String kind, String name) {
    String id = Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex();
    return home.resolve(".docker/contexts").resolve(kind).resolve(id);
  }

  private void context(String name, String host) throws IOException {
    Path folder = Files.createDirectories(contexts("meta", name));
    Files.writeString(
        folder.resolve("meta.json"),
        "{\"Name\":\"%s\",\"Endpoints\":{\"docker\":{\"Host\":\"%s\"}}}".formatted(name, host));
  }
}
