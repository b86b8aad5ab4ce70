package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Checks;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * One target group, and what of this host is registered with it. See {@code docs/traffic-alb.md}.
 *
 * @param instance the ID of this EC2 instance; empty if its targets are IP addresses
 * @param address of this host, on which containers are published: what the load balancer connects
 *     to
 * @param healthyTimeout how long a target may take to become healthy
 * @param drain how long a deployment waits at most for a target that is drained
 * @param pace between two looks at a target that changes its state, at the most
 */
public record AlbSettings(
    TargetGroupArn targetGroup,
    Optional<String> instance,
    String address,
    Duration healthyTimeout,
    Duration drain,
    Duration pace) {
  /** Of one answer of the API. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  /** Network Load Balancers may take minutes until a new target is in service. */
  public static final Duration DEFAULT_HEALTHY_TIMEOUT = Duration.ofMinutes(5);

  /** All hosts of an account share ten such looks a second in a region. */
  public static final Duration DEFAULT_PACE = Duration.ofSeconds(5);

  public AlbSettings {
    Checks.positive("traffic.healthy_timeout", healthyTimeout);
    Checks.positive("the pace", pace);
    if (instance.isPresent() && !instance.get().matches("i-[0-9a-f]{8,17}")) {
      throw new IllegalArgumentException(
          "'%s' is not the ID of an EC2 instance, such as i-0123456789abcdef0"
              .formatted(instance.get()));
    }
    InetAddress literal = InetAddress.ofLiteral(address);
    if (literal.isAnyLocalAddress()) {
      throw new IllegalArgumentException(
          "%s stands for all addresses: publish on the one that the load balancer connects to"
              .formatted(address));
    }
  }

  /** Of the group, for a message. */
  String name() {
    return "the target group " + targetGroup.name();
  }

  /** What the targets of this host have in common. */
  String id() {
    return instance.orElse(address);
  }

  /** What a container of this host is called in the target group. */
  String idOf(Server server) {
    return instance.orElse(server.host());
  }
}
