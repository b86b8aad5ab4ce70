package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroup;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupAttribute;

/**
 * One target group: the five actions of the API that a deployment needs, and no other. Each may
 * throw a {@link LoadBalancerException}. What is throttled is repeated by the SDK.
 */
final class TargetGroupApi {
  private final TargetGroupArn group;
  private final Supplier<ElasticLoadBalancingV2Client> client;
  private final ElbErrors errors;

  /**
   * Sends nothing yet.
   *
   * @param client made when it is first asked for
   */
  TargetGroupApi(TargetGroupArn group, Supplier<ElasticLoadBalancingV2Client> client) {
    this.group = group;
    this.client = client;
    this.errors = new ElbErrors(group);
  }

  private <T> T call(String action, Supplier<T> request) {
    try {
      return request.get();
    } catch (SdkException e) {
      throw errors.translate(e, action);
    }
  }

  /** What kind of group it is, and who uses it. */
  TargetGroup description() {
    List<TargetGroup> found =
        call(
            "DescribeTargetGroups",
            () ->
                client
                    .get()
                    .describeTargetGroups(request -> request.targetGroupArns(group.text()))
                    .targetGroups());
    return found.stream()
        .findFirst()
        .orElseThrow(
            () ->
                new LoadBalancerException(
                    Kind.REFUSED, "there is no target group %s".formatted(group)));
  }

  /** Its attributes, such as {@code deregistration_delay.timeout_seconds}. */
  Map<String, String> attributes() {
    return call(
        "DescribeTargetGroupAttributes",
        () ->
            client
                .get()
                .describeTargetGroupAttributes(request -> request.targetGroupArn(group.text()))
                .attributes()
                .stream()
                .collect(Collectors.toMap(TargetGroupAttribute::key, TargetGroupAttribute::value)));
  }

  /** All targets, of all hosts; those that are drained too. */
  List<RegisteredTarget> targets() {
    return health(List.of());
  }

  /** One target; {@code unused} if the group does not have it. */
  RegisteredTarget target(String id, int port) {
    return health(List.of(described(id, port))).stream()
        .findFirst()
        .orElseGet(
            () ->
                new RegisteredTarget(
                    id, port, RegisteredTarget.State.UNUSED, "Target.NotRegistered", ""));
  }

  private static TargetDescription described(String id, int port) {
    return TargetDescription.builder().id(id).port(port).build();
  }

  private List<RegisteredTarget> health(Collection<TargetDescription> of) {
    return call(
        "DescribeTargetHealth",
        () ->
            client
                .get()
                .describeTargetHealth(
                    request -> {
                      request.targetGroupArn(group.text());
                      if (!of.isEmpty()) {
                        request.targets(of);
                      }
                    })
                .targetHealthDescriptions()
                .stream()
                .map(RegisteredTarget::of)
                .toList());
  }

  /** Repeating it is harmless; one that is drained comes back. */
  void register(String id, int port) {
    call(
        "RegisterTargets",
        () ->
            client
                .get()
                .registerTargets(
                    request -> request.targetGroupArn(group.text()).targets(described(id, port))));
  }

  /** Repeating it is harmless. */
  void deregister(Collection<RegisteredTarget> targets) {
    call(
        "DeregisterTargets",
        () ->
            client
                .get()
                .deregisterTargets(
                    request ->
                        request
                            .targetGroupArn(group.text())
                            .targets(
                                targets.stream().map(RegisteredTarget::description).toList())));
  }
}
