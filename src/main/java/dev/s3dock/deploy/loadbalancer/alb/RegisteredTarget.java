package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.store.s3.access.SdkWords;
import java.util.stream.Stream;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthDescription;

/**
 * What DescribeTargetHealth says of one target (Elastic Load Balancing API Reference,
 * "TargetHealth").
 *
 * @param id of an instance, or an IP address
 * @param reason such as {@code Target.Timeout}; empty for one that is healthy
 * @param words for a person; may be empty
 */
record RegisteredTarget(String id, int port, State state, String reason, String words) {
  private static final String NOT_REGISTERED = "Target.NotRegistered";

  /** Its states. */
  enum State {
    /** It is being registered, or has not passed its first checks yet. It gets no traffic. */
    INITIAL,
    HEALTHY,
    /** It gets no traffic, unless all targets of the group are like it. */
    UNHEALTHY,
    /** Not registered, or no load balancer sends traffic to the group in its zone. */
    UNUSED,
    /** It was deregistered: it gets nothing new, and may end what it has begun. */
    DRAINING,
    /** The load balancer does not know its health, and sends it traffic. */
    UNAVAILABLE
  }

  static RegisteredTarget of(TargetHealthDescription said) {
    return new RegisteredTarget(
        said.target().id(),
        said.target().port(),
        state(said.targetHealth().stateAsString()),
        SdkWords.printable(said.targetHealth().reasonAsString()).replace("null", ""),
        SdkWords.printable(said.targetHealth().description()).replace("null", ""));
  }

  /** {@code unhealthy.draining} is a Network Load Balancer's way to leave an unhealthy one. */
  private static State state(String name) {
    return switch (name) {
      case "initial" -> State.INITIAL;
      case "healthy" -> State.HEALTHY;
      case "unhealthy", "unhealthy.draining" -> State.UNHEALTHY;
      case "unused" -> State.UNUSED;
      case "draining" -> State.DRAINING;
      default -> State.UNAVAILABLE;
    };
  }

  TargetDescription description() {
    return TargetDescription.builder().id(id).port(port).build();
  }

  boolean is(String otherId, int otherPort) {
    return id.equals(otherId) && port == otherPort;
  }

  /** True if the group has it, and was not told to take it out. */
  boolean isRegistered() {
    return state != State.DRAINING && !reason.equals(NOT_REGISTERED);
  }

  /** True if the load balancer sends it new requests. */
  boolean isServing() {
    return state == State.HEALTHY || state == State.UNAVAILABLE;
  }

  /** True if no load balancer can send it anything, however long one waits. */
  boolean isOutOfUse() {
    return state == State.UNUSED && !reason.equals(NOT_REGISTERED);
  }

  /** {@code unhealthy (Target.Timeout: Request timed out)}. */
  String told() {
    String why =
        String.join(": ", Stream.of(reason, words).filter(text -> !text.isEmpty()).toList());
    String name = state.name().toLowerCase(java.util.Locale.ROOT);
    return why.isEmpty() ? name : "%s (%s)".formatted(name, why);
  }

  @Override
  public String toString() {
    return "%s:%d".formatted(id, port);
  }
}
