package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.engine.Container;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.Plain;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That tests of deployments find what they stand on. */
@Tag("engine")
class WebHostTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {20, 26})
  void what_is_published_is_pulled_by_version_and_answers(int docker) throws Exception {
    TestEngine engine = docker == 20 ? Engines.reachable20() : Engines.reachable26();
    try (WebHost host = new WebHost(folder.resolve("host"), engine)) {
      String first = host.publish("hosted-web", "v1");
      String second = host.publish("hosted-web", "v2", Map.of("FAIL_UP", "1"));
      assertThat(engine.engine().inspect(first)).isEmpty();
      assertThat(engine.engine().inspect(second)).isEmpty();

      host.user().s3dock("promote", "hosted-web", "v1", "production").ok();
      host.user().s3dock("pull", "hosted-web", "production").ok();
      assertThat(answer(run(host, first), "/")).startsWith("v1 ");

      host.user().s3dock("promote", "hosted-web", "v2", "production").ok();
      host.user().s3dock("pull", "hosted-web", "production").ok();
      assertThat(answer(run(host, second), "/up")).isEqualTo("not up\n");
    }
    assertThat(engine.engine().containers().list(Map.of("dev.s3dock.app", "hosted-web"))).isEmpty();
    assertThat(engine.docker("images", "-q", "hosted-web")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 26})
  void another_host_sees_the_same_bucket(int docker) {
    TestEngine engine = docker == 20 ? Engines.reachable20() : Engines.reachable26();
    TestEngine other = docker == 20 ? Engines.reachable26() : Engines.reachable20();
    try (WebHost host = new WebHost(folder.resolve("host"), engine);
        WebHost second = host.another(folder.resolve("second"), other)) {
      String reference = host.publish("shared-web", "v1");
      host.user().s3dock("promote", "shared-web", "v1", "staging").ok();
      assertThat(second.user().s3dock("current", "shared-web", "staging").ok().line())
          .isEqualTo(reference);
    }
  }

  private static Container run(WebHost host, String reference) {
    String id =
        host.containers()
            .create(
                new ContainerSpec(
                    reference.replace(':', '-'),
                    reference,
                    Map.of("dev.s3dock.app", "hosted-web"),
                    Plain.options(),
                    Optional.empty()));
    host.containers().start(id);
    return host.containers().inspect(id).orElseThrow();
  }

  private static String answer(Container container, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(WebHost.address(container) + path)).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return Eventually.value("an answer", () -> body(client, request));
    }
  }

  /** Empty while nobody listens. */
  private static Optional<String> body(HttpClient client, HttpRequest request) {
    try {
      return Optional.of(client.send(request, BodyHandlers.ofString()).body());
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
