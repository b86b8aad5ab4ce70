package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.cli.User;
import dev.s3dock.deploy.loadbalancer.alb.MetadataServer;
import dev.s3dock.deploy.loadbalancer.alb.TargetGroupDrivers;
import dev.s3dock.deploy.loadbalancer.alb.TargetGroupFront;
import dev.s3dock.deploy.loadbalancer.alb.TargetGroupServer;
import dev.s3dock.testing.Connection;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.engine.Engines;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host at EC2, as far as it can be told: real containers, the commands, the instance metadata,
 * and a target group whose health checks are real requests, while users are at it.
 */
@Tag("engine")
@Order(5)
class TargetGroupHostTest {
  private static final String APP = "behind-target-group";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Requests that are short, and some that outlast the switch. */
  private static final Load.Mix MIX =
      new Load.Mix(3, 2, 2, 0, Duration.ofMillis(20), Duration.ofMillis(500));

  @TempDir Path folder;
  private WebHost host;
  private String address;
  private TargetGroupServer group;
  private TargetGroupFront front;
  private MetadataServer metadata;

  @BeforeEach
  void stand() throws IOException {
    host = new WebHost(folder, Engines.reachable20());
    address = ownAddress();
    group = TargetGroupServer.start(() -> TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()));
    group.prepare("1", "i-00000000000000002", 80, this::passesCheck);
    front = new TargetGroupFront(group, TargetGroupDrivers.HOST_ID, address);
    metadata = new MetadataServer(TargetGroupDrivers.HOST_ID, address);
    host.user()
        .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://" + metadata.address())
        .with("S3DOCK_LOCK_DIR", folder.toString());
    configure(", url: 'http://127.0.0.1:%d/up'".formatted(front.port()));
  }

  private void configure(String more) {
    host.configure(
        """
        { deploy: { '%s': {
            port: 8080, bake: '300ms', drain: '6s', stop_grace: '5s', health: { interval: '100ms' },
            traffic: { driver: 'alb', target_group: '%s', endpoint: '%s'%s } } } }
        """
            .formatted(APP, TargetGroupServer.ARN, group.endpoint(), more));
  }

  @AfterEach
  void leave() {
    host.close();
    front.close();
    group.close();
    metadata.close();
  }

  /** One that is not of this machine alone, as a load balancer would need it. */
  private static String ownAddress() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(it -> it instanceof Inet4Address && !it.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElseThrow();
  }

  /** Those of the other host pass. */
  private boolean passesCheck(String id, int port) {
    if (!id.equals(TargetGroupDrivers.HOST_ID)) {
      return true;
    }
    try (Connection connection = Connection.open(address, port)) {
      return connection.send("/up", Map.of("Connection", "close")).status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private User.Result s3dock(String... args) {
    return host.user().s3dock(args);
  }

  @Test
  void a_deploy_loses_no_request_and_status_and_doctor_tell_what_serves() {
    host.publish(APP, "v1");
    host.publish(APP, "v2");
    s3dock("deploy", APP, "production", "v1", "--create").ok();
    assertThat(s3dock("doctor", "--role", "deployer").ok().out())
        .contains("the target group web in eu-central-1: targets of " + TargetGroupDrivers.HOST_ID);
    Load.Report report;
    try (Load load = Load.start("127.0.0.1", front.port(), MIX)) {
      load.awaitMore(50, PATIENCE);
      s3dock("deploy", APP, "production", "v2").ok();
      load.awaitMore(50, PATIENCE);
      report = load.stop();
    }
    assertThat(report.failures()).as(report.toString()).isEmpty();
    assertThat(report.answers().keySet()).as(report.toString()).hasSize(2);
    List<Integer> serving = group.serving(TargetGroupDrivers.HOST_ID);
    assertThat(serving).hasSize(1).allMatch(port -> port >= 20_000 && port < 30_000);
    assertThat(group.states()).hasSize(2).allMatch(it -> it.endsWith(" healthy"));

    JsonNode status = s3dock("status", APP, "production", "--json").ok().json();
    assertThat(status.at("/data/deployments/0/state").asText()).isEqualTo("healthy");
    group.sicken(serving::contains);
    configure("");
    assertThat(s3dock("status", APP, "production").out())
        .contains("unhealthy (Target.FailedHealthChecks");
    group.attach(false);
    User.Result refused = s3dock("doctor", "--role", "deployer");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out()).contains("used by no load balancer");
  }
}
