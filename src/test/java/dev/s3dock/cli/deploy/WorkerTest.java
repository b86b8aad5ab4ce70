package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User.Result;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.engine.Engines;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app without a load balancer, in a real engine. */
@Tag("engine")
class WorkerTest {
  private static final String APP = "worker";
  private static final String CONFIGURATION =
      "{ deploy: { worker: { traffic: { driver: 'none' }, order: '%s', bake: '1s', health: { interval: '100ms' } } } }";

  @TempDir Path folder;

  private static List<Container> containers(WebHost host) {
    return host.containers().list(Map.of("dev.s3dock.app", APP));
  }

  private static Container running(WebHost host) {
    List<Container> running = containers(host).stream().filter(Container::isRunning).toList();
    assertThat(running).hasSize(1);
    return running.getFirst();
  }

  private static Result deploy(WebHost host, String version) {
    return host.user().s3dock("deploy", APP, "production", version);
  }

  @Test
  void a_worker_is_replaced_in_either_order_and_a_bad_one_gives_way() {
    try (WebHost host = new WebHost(folder, Engines.reachable20())) {
      host.user().with("S3DOCK_LOCK_DIR", folder.toString());
      host.configure(CONFIGURATION.formatted("start-first"));
      for (String version : List.of("v1", "v2", "v3")) {
        host.publish(APP, version);
      }
      host.publish(APP, "bad", Map.of("EXIT_AT_ONCE", "3"));
      deploy(host, "v1").ok();
      assertThat(deploy(host, "v2").ok().line())
          .isEqualTo(
              "worker:20250701-1202-0000002 is live for worker in production (green), before: worker:20250701-1201-0000001");
      String second = running(host).id();

      host.configure(CONFIGURATION.formatted("stop-first"));
      deploy(host, "v3").ok();
      Container third = running(host);
      Instant started = third.started().orElseThrow();
      assertThat(host.containers().inspect(second).flatMap(Container::finished))
          .hasValueSatisfying(ended -> assertThat(ended).isBefore(started));

      host.user().s3dock("promote", APP, "bad", "production").ok();
      Result bad = host.user().s3dock("deploy", APP, "production");
      assertThat(bad.exitCode()).isEqualTo(1);
      assertThat(bad.err()).contains("its program ended", "serves again");
      assertThat(running(host).id()).isEqualTo(third.id());

      host.user().s3dock("rollback", APP, "production").ok();
      assertThat(running(host).id()).isEqualTo(third.id());
      assertThat(host.user().s3dock("status", APP, "production", "--check").ok().out())
          .contains("healthy");
      host.user().s3dock("rollback", APP, "production", "--to", "v2").ok();
      assertThat(running(host).id()).isEqualTo(second);
    }
  }
}
