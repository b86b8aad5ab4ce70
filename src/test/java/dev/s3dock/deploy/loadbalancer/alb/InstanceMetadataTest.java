package dev.s3dock.deploy.loadbalancer.alb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceMetadataTest {
  @Test
  void version_2_tells_who_and_where_this_is_and_is_asked_once() {
    try (MetadataServer server = new MetadataServer("i-0123456789abcdef0", "10.0.1.5")) {
      InstanceMetadata metadata = new InstanceMetadata(server.address());
      for (int i = 0; i < 3; i++) {
        assertThat(metadata.instance()).isEqualTo("i-0123456789abcdef0");
        assertThat(metadata.privateAddress()).isEqualTo("10.0.1.5");
      }
      assertThat(server.asked()).isEqualTo(2);
    }
  }

  @Test
  void what_is_not_told_or_no_address_is_an_error_with_a_remedy() {
    try (MetadataServer server = new MetadataServer("", "nowhere")) {
      InstanceMetadata metadata = new InstanceMetadata(server.address());
      assertThatThrownBy(metadata::instance)
          .isInstanceOf(LoadBalancerException.class)
          .hasMessageContainingAll("instance-id", "404", "traffic.instance", "publish");
      assertThatThrownBy(metadata::privateAddress).hasMessageContaining("nowhere");
    }
    assertThatThrownBy(new InstanceMetadata("127.0.0.1:1")::instance)
        .isInstanceOf(LoadBalancerException.class)
        .hasMessageContaining("traffic.instance");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "web",
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/0123456789abcdef",
        "arn:aws:elasticloadbalancing:eu-central-1:1234:targetgroup/web/0123456789abcdef",
        "arn:aws:elasticloadbalancing::123456789012:targetgroup/web/0123456789abcdef",
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/0123456789abcdef\n"
      })
  void what_is_no_target_group_is_refused_by_name(String text) {
    assertThatThrownBy(() -> TargetGroupArn.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not the ARN of a target group");
  }

  @Test
  void the_arn_tells_region_and_name() {
    TargetGroupArn arn =
        TargetGroupArn.parse(
            "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:targetgroup/my-app/0123456789abcdef");
    assertThat(arn.region()).isEqualTo("us-gov-west-1");
    assertThat(arn.name()).isEqualTo("my-app");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "web-1", "I-0123456789abcdef0", "i-01234567 "})
  void what_is_no_instance_is_refused_by_name(String instance) {
    assertThatThrownBy(
            () ->
                TargetGroupDrivers.settings(
                    Optional.of(instance), "10.0.1.5", Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + instance + "'");
  }

  @Test
  void all_addresses_at_once_are_none_that_a_target_has() {
    assertThatThrownBy(
            () -> TargetGroupDrivers.settings(Optional.empty(), "0.0.0.0", Duration.ofSeconds(1)))
        .hasMessageContaining("0.0.0.0");
  }
}
