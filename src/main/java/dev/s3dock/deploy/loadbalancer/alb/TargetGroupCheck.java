package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroup;

/** Shows that a target group is one through which traffic can be moved. */
final class TargetGroupCheck {
  private static final String DELAY = "deregistration_delay.timeout_seconds";
  private static final Duration DEFAULT_DELAY = Duration.ofMinutes(5);
  private static final String TRAFFIC_PORT = "traffic-port";

  /** Containers take connections; they publish no UDP. */
  private static final Set<String> PROTOCOLS = Set.of("HTTP", "HTTPS", "TCP", "TLS");

  private final AlbSettings settings;
  private final TargetGroupApi group;

  TargetGroupCheck(AlbSettings settings, TargetGroupApi group) {
    this.settings = settings;
    this.group = group;
  }

  /**
   * Asks for the group and its attributes.
   *
   * @throws LoadBalancerException that says what to change
   */
  void run() {
    TargetGroup found = group.description();
    requireType(found.targetTypeAsString());
    if (!PROTOCOLS.contains(found.protocolAsString())) {
      throw refused(
          "has the protocol %s: s3dock moves connections of %s"
              .formatted(
                  found.protocolAsString(),
                  String.join(", ", PROTOCOLS.stream().sorted().toList())));
    }
    if (!TRAFFIC_PORT.equals(found.healthCheckPort())) {
      throw refused(
          "checks health at port %s: each container has a port of its own, so set its health check port to traffic-port"
              .formatted(found.healthCheckPort()));
    }
    if (!found.hasLoadBalancerArns() || found.loadBalancerArns().isEmpty()) {
      throw refused(
          "is used by no load balancer: add a listener or a rule that forwards to it, else no target becomes healthy");
    }
    requireTimeToDrain(group.attributes());
  }

  private void requireType(String type) {
    String wanted = settings.instance().isPresent() ? "instance" : "ip";
    if (!type.equals(wanted)) {
      throw refused(
          "has targets of the type %s, and traffic.target says \"%s\": change that, or name another group"
              .formatted(type, wanted));
    }
  }

  /** A container is stopped after the drain: its target must not be drained for longer. */
  private void requireTimeToDrain(Map<String, String> attributes) {
    Duration delay =
        attributes.containsKey(DELAY)
            ? Duration.ofSeconds(Long.parseLong(attributes.get(DELAY)))
            : DEFAULT_DELAY;
    if (delay.compareTo(settings.drain()) > 0) {
      throw refused(
          "drains a target for %d s (%s), and drain is %d s: the old container would be stopped while it may still answer requests; set drain to \"%ds\", or the attribute to %d"
              .formatted(
                  delay.toSeconds(),
                  DELAY,
                  settings.drain().toSeconds(),
                  delay.toSeconds(),
                  settings.drain().toSeconds()));
    }
  }

  private LoadBalancerException refused(String what) {
    return new LoadBalancerException(
        Kind.REFUSED, "the target group %s %s".formatted(settings.targetGroup().name(), what));
  }
}
