package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hosts, each with a network of its own, follow a bucket while users are at both: {@code
 * bench/hosts} with ten of them measures the same.
 */
@Tag("engine")
@Tag("loadbalancer")
@Order(2)
@EnabledIfSystemProperty(named = "s3dock.all", matches = "true")
class HostsTest {
  private static final String APP = "two-hosts-web";

  @TempDir Path folder;

  @Test
  void a_bad_image_reaches_the_canary_alone_and_no_request_is_lost_on_any_host(
      TestReporter reporter) {
    try (NamespacedHosts fleet = new NamespacedHosts(folder, APP, 2, "two-hosts")) {
      for (NamespacedHost host : fleet.hosts) {
        String labels = host == fleet.canary() ? "labels: ['canary']," : "";
        host.configure(APP, labels + " interval: '500ms'", DeployingHost.TIMES);
      }
      String first = fleet.publish("v0", Map.of());
      fleet.desk.s3dock("promote", APP, "v0", "production", "--create").ok();
      fleet.follow();
      RolloutUnderLoad users = new RolloutUnderLoad(fleet, APP);
      users.awaitEverywhere(first);
      RolloutUnderLoad.Seen seen = users.run();
      reporter.publishEntry(seen.reports().toString());
      assertThat(seen.triedBad()).isEqualTo(List.of(fleet.canary().name));
      assertThat(seen.failures()).as(seen.reports().toString()).isZero();
      assertThat(seen.requests()).isGreaterThan(100);
    }
  }
}
