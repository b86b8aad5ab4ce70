package dev.s3dock.engine.docker;

import static dev.s3dock.engine.docker.DockerEngineContract.fails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.engine.EngineException.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestartPolicyTest {
  @ParameterizedTest
  @CsvSource({
    "no, no, 0",
    "always, always, 0",
    "unless-stopped, unless-stopped, 0",
    "on-failure, on-failure, 0",
    "on-failure:3, on-failure, 3"
  })
  void the_words_of_docker_run_are_understood_and_written_alike(
      String text, String name, int most) {
    RestartPolicy policy = RestartPolicy.parse(text);
    assertThat(policy).isEqualTo(new RestartPolicy(name, most)).hasToString(text);
    assertThat(policy.json().path("Name").asText()).isEqualTo(name);
    assertThat(policy.json().path("MaximumRetryCount").asInt()).isEqualTo(most);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "never", "Always", "always:3", "on-failure:", "on-failure:-1", "no "})
  void anything_else_is_refused_with_what_may_be_said(String text) {
    fails(() -> RestartPolicy.parse(text), Kind.FAILED, "'" + text + "': use no, always,");
  }
}
