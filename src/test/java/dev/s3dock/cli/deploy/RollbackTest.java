package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.ExitCode;
import dev.s3dock.cli.User;
import dev.s3dock.cli.User.Result;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.engine.Container;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.engine.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Going back on a real host, and what several services on one host mean to each other. */
@Tag("engine")
@Tag("loadbalancer")
class RollbackTest {
  @TempDir Path folder;

  private DeployingHost host(String app, Path where) {
    return new DeployingHost(
        where, Engines.reachable20(), Balancers.haproxy(), app, DeployingHost.TIMES);
  }

  @Test
  void a_rollback_takes_the_kept_container_back_under_load_and_moves_the_pointer(
      TestReporter reporter) {
    try (DeployingHost host = host("rolled-web", folder)) {
      String v1 = host.publish("v1");
      String v2 = host.publish("v2");
      host.deploy("v1").ok();
      Container first = host.containers().getFirst();
      JsonNode deployed = host.deploy("v2", "--json").ok().json();
      Report report;
      JsonNode back;
      try (Load load = host.load()) {
        load.awaitMore(50, DeployingHost.patience());
        back = host.s3dock("rollback", "--json").ok().json();
        load.awaitMore(50, DeployingHost.patience());
        report = load.stop();
      }
      assertThat(report.failures()).as(report.toString()).isEmpty();
      assertThat(back.at("/data/image_ref").asText()).isEqualTo(v1);
      assertThat(back.at("/data/previous_image_ref").asText()).isEqualTo(v2);
      assertThat(back.at("/data/container").asText()).isEqualTo(first.name());
      assertThat(host.s3dock("current").line()).isEqualTo(v1);
      assertThat(host.picture()).containsExactlyInAnyOrder(v1 + " RUNNING", v2 + " EXITED");
      reporter.publishEntry("deploy", steps(deployed));
      reporter.publishEntry("rollback", steps(back));
      assertThat(back.at("/data/durations_ms").has("pull")).isFalse();
    }
  }

  private static String steps(JsonNode result) {
    return result.at("/data/durations_ms").toString();
  }

  @Test
  void a_rollback_pulls_what_the_host_has_lost_and_refuses_where_nothing_was_before() {
    try (DeployingHost host = host("lost-web", folder)) {
      String v1 = host.publish("v1");
      host.deploy("v1").ok();
      assertThat(host.s3dock("deploy", "--json").ok().json().at("/data/skipped").asBoolean())
          .isTrue();
      Result refused = host.s3dock("rollback");
      assertThat(refused.exitCode()).isEqualTo(4);
      assertThat(refused.err()).contains("cannot be rolled back", "--to");
      String v2 = host.publish("v2");
      host.deploy("v2").ok();
      host.containers().stream()
          .filter(c -> !c.isRunning())
          .forEach(c -> host.web.containers().remove(c.id()));
      host.web.engine().engine().removeTag(v1);
      assertThat(host.s3dock("rollback", "--dry-run").ok().out())
          .contains("move production of lost-web to " + v1);
      host.s3dock("rollback", "-l", "3").ok();
      assertThat(host.picture()).containsExactlyInAnyOrder(v1 + " RUNNING", v2 + " EXITED");
      host.s3dock("rollback", "--to", "v2").ok();
      assertThat(host.s3dock("current").line()).isEqualTo(v2);
    }
  }

  @Test
  void a_deployment_and_a_rollback_at_once_end_with_one_that_serves_what_is_wanted()
      throws Exception {
    try (DeployingHost host = host("raced-web", folder)) {
      host.publish("v1");
      host.publish("v2");
      host.publish("v3");
      host.deploy("v1").ok();
      host.deploy("v2").ok();
      User user = host.web.user();
      Path deployed = folder.resolve("deployed");
      Path back = folder.resolve("back");
      Process deploy = user.start(200, deployed, "deploy", "raced-web", "production", "v3");
      Process rollback = user.start(200, back, "rollback", "raced-web", "production");
      assertThat(deploy.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(rollback.waitFor(5, TimeUnit.MINUTES)).isTrue();
      String told =
          "deploy: %d %s\nrollback: %d %s"
              .formatted(
                  deploy.exitValue(),
                  Files.readString(deployed),
                  rollback.exitValue(),
                  Files.readString(back));
      assertThat(List.of(deploy.exitValue(), rollback.exitValue()))
          .as(told)
          .contains(0)
          .isSubsetOf(0, ExitCode.CONFLICT);
      assertThat(host.containers()).as(told).filteredOn(Container::isRunning).hasSize(1);
      Result checked = user.s3dock("status", "raced-web", "production", "--check");
      assertThat(checked.exitCode()).as(told + checked.out() + checked.err()).isZero();
    }
  }

  @Test
  void two_apps_and_two_environments_on_one_host_do_not_touch_each_other() {
    try (DeployingHost one = host("neighbour", folder.resolve("one"));
        DeployingHost other = host("neighbour-production", folder.resolve("other"))) {
      String v1 = one.publish("v1");
      String others = other.publish("v1");
      one.deploy("v1").ok();
      other.deploy("v1").ok();
      User user = one.web.user();
      Result staging = user.s3dock("deploy", "neighbour", "staging", "v1", "--create", "--dry-run");
      assertThat(staging.ok().out()).contains("load balancer:");
      String v2 = one.publish("v2");
      one.deploy("v2").ok();
      one.s3dock("rollback").ok();
      assertThat(one.picture()).containsExactlyInAnyOrder(v1 + " RUNNING", v2 + " EXITED");
      assertThat(other.picture()).containsExactly(others + " RUNNING");
      assertThat(states(other)).containsExactly("healthy");
      other.s3dock("status", "--check").ok();
      other.web.user().s3dock("promote", other.publish("v2"), "production").ok();
      Result checked = other.s3dock("status", "--check", "--json");
      assertThat(checked.exitCode()).isEqualTo(1);
      assertThat(checked.json().at("/data/deployments/0/current").asBoolean()).isFalse();
      assertThat(other.s3dock("status").ok().out()).contains("but not what should run");
    }
  }

  private static List<String> states(DeployingHost host) {
    JsonNode rows = host.s3dock("status", "--json").ok().json().at("/data/deployments");
    return StreamSupport.stream(rows.spliterator(), false)
        .map(row -> row.path("state").asText())
        .toList();
  }
}
