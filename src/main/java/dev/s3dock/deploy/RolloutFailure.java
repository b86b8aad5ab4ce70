package dev.s3dock.deploy;

import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A deployment has failed: why, and what became of the traffic. */
final class RolloutFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Traced traced;

  /** Where the traffic is after a failure. */
  enum Ending {
    /** It was never moved. */
    UNTOUCHED,
    /** It was moved back. */
    BACK,
    /** It could not be moved back, and nothing was stopped. */
    STUCK,
    /** It is shared by both sides, of which one was to give it back. */
    SHARED
  }

  /**
   * What is known of a failure.
   *
   * @param serving what served before
   * @param log the last lines of the container that was not fit
   * @param remarks what else went wrong on the way back
   */
  record Traced(
      Ending ending,
      String reason,
      Optional<String> serving,
      List<String> log,
      List<String> remarks) {}

  RolloutFailure(Traced traced, @Nullable Throwable cause) {
    super(traced.reason(), cause);
    this.traced = traced;
  }

  Ending ending() {
    return traced.ending();
  }

  String reason() {
    return traced.reason();
  }

  /** What served before. */
  Optional<String> serving() {
    return traced.serving();
  }

  /** All of it, for a person. */
  String describe(Service service, ImageReference image) {
    StringBuilder text =
        new StringBuilder(
            "%s did not go live for %s: %s".formatted(image, service, traced.reason()));
    text.append("; ").append(loadBalancer());
    traced.remarks().forEach(remark -> text.append("; ").append(remark));
    if (!traced.log().isEmpty()) {
      text.append("\nthe last lines of the container's log:");
      traced.log().forEach(line -> text.append("\n  ").append(line));
    }
    return text.toString();
  }

  private String loadBalancer() {
    if (traced.ending() == Ending.STUCK) {
      return "the traffic could not be moved back, so nothing was stopped: check the load balancer, then deploy again";
    }
    if (traced.ending() == Ending.SHARED) {
      return "the traffic could not be moved back to all that served before: check load balancer and containers, then deploy again";
    }
    return traced
        .serving()
        .map(s -> s + (traced.ending() == Ending.BACK ? " serves again" : " still serves"))
        .orElse("nothing was live before, and nothing is live now");
  }
}
