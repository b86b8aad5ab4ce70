package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.engine.docker.DockerEngine;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.engine.OneAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine's own builder gets what docker login has kept. */
class RegistryCredentialsTest {
  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void stand() {
    environment.put("DOCKER_CONFIG", folder.toString());
    environment.put("PATH", folder + ":" + System.getenv("PATH"));
  }

  private void configure(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
  }

  private static JsonNode decoded(String header) throws IOException {
    return new ObjectMapper().readTree(new String(Base64.getUrlDecoder().decode(header), UTF_8));
  }

  private JsonNode sent() throws IOException {
    return decoded(
        new RegistryCredentials(environment)
            .headers()
            .getOrDefault(RegistryCredentials.HEADER, ""));
  }

  @Test
  void those_in_the_file_are_sent() throws IOException {
    configure(PlantedSecrets.dockerConfig());
    JsonNode sent = sent().path("registry.example.com");
    assertThat(sent.path("username").asText()).isEqualTo("planted");
    assertThat(sent.path("password").asText()).isEqualTo(PlantedSecrets.REGISTRY_PASSWORD);
    assertThat(sent.path("serveraddress").asText()).isEqualTo("registry.example.com");
    configure("{\"auths\": {\"b.example\": {\"identitytoken\": \"t\"}, \"c.example\": {}}}");
    assertThat(sent().toString())
        .isEqualTo("{\"b.example\":{\"identitytoken\":\"t\",\"serveraddress\":\"b.example\"}}");
  }

  @Test
  void helpers_are_asked() throws IOException {
    Path helper = folder.resolve("docker-credential-vault");
    Files.writeString(
        helper,
        """
        #!/bin/sh
        test "$1" = get || exit 1
        read registry
        case $registry in
          a.example) echo '{"Username": "me", "Secret": "s"}' ;;
          b.example) echo '{"Username": "<token>", "Secret": "t"}' ;;
          *) echo 'credentials not found in native keychain'; exit 1 ;;
        esac
        """);
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
    configure(
        """
        {"auths": {"a.example": {}, "none.example": {}, "d.example": {}}, "credsStore": "vault",
         "credHelpers": {"b.example": "vault", "d.example": "absent"}}
        """);
    JsonNode sent = sent();
    assertThat(sent.size()).isEqualTo(2);
    assertThat(sent.at("/a.example/password").asText()).isEqualTo("s");
    assertThat(sent.at("/b.example/identitytoken").asText()).isEqualTo("t");
  }

  @Test
  void without_a_login_nothing_is_sent_and_a_broken_file_shows_nothing() throws IOException {
    assertThat(new RegistryCredentials(environment).headers()).isEmpty();
    configure("{\"auths\": {\"a\": {\"auth\": \"" + PlantedSecrets.REGISTRY_PASSWORD);
    assertThatThrownBy(() -> new RegistryCredentials(environment).headers())
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("docker login")
        .hasMessageNotContaining(PlantedSecrets.MARK)
        .hasNoCause();
  }

  private static BuildRequest build(Path context, Path dockerfile) {
    return new BuildRequest(
        context,
        dockerfile,
        "my-app:20250721-2118-f7a5a27",
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false,
        Map.of(),
        ContextSelection.WORK_TREE,
        SourceDates.of(Instant.EPOCH));
  }

  @Test
  void a_build_sends_them() throws Exception {
    configure(PlantedSecrets.dockerConfig());
    Path context = Files.createDirectories(folder.resolve("context"));
    Path dockerfile = Files.writeString(context.resolve("Dockerfile"), "FROM scratch\n");
    environment.put("PATH", folder.toString());
    try (OneAnswer answer =
        OneAnswer.onSocket(folder.resolve("engine.sock"))
            .afterWords("\r\n\r\n")
            .closing("HTTP/1.1 500 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) {
      environment.put("DOCKER_HOST", answer.dockerHost());
      try (DockerEngine engine = DockerEngine.connect(environment, Duration.ofSeconds(30))) {
        assertThatThrownBy(
                () -> engine.build(build(context, dockerfile), OutputStream.nullOutputStream()))
            .isInstanceOf(EngineException.class)
            .hasMessageNotContaining(PlantedSecrets.MARK);
      }
      Matcher header = Pattern.compile("(?i)x-registry-config: ([^\r]+)\r").matcher(answer.heard());
      assertThat(header.find()).isTrue();
      assertThat(decoded(header.group(1)).has("registry.example.com")).isTrue();
    }
  }
}
