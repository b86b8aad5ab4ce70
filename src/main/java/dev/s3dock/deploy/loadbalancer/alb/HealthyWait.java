package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.alb.RegisteredTarget.State;
import java.time.Duration;
import java.util.Optional;

/** Waits until a target group says that a target is healthy. */
final class HealthyWait {
  /** The first pause is so many times shorter than the longest one. */
  private static final int BEGINS_SHORTER = 5;

  private final AlbSettings settings;
  private final TargetGroupApi group;

  HealthyWait(AlbSettings settings, TargetGroupApi group) {
    this.settings = settings;
    this.group = group;
  }

  /**
   * Looks at it until it is healthy, less and less often. What does not answer meanwhile, or asks
   * to be left alone, is asked again.
   *
   * @throws LoadBalancerException {@code REFUSED} with the reason code and the words of the load
   *     balancer, if it does not become healthy in time or can never get traffic; {@code
   *     UNAVAILABLE} if nothing is known in the end
   */
  void await(String id, int port) {
    long end = System.nanoTime() + settings.healthyTimeout().toNanos();
    Duration pause = settings.pace().dividedBy(BEGINS_SHORTER);
    while (true) {
      Optional<LoadBalancerException> problem = look(id, port);
      if (problem.isEmpty()) {
        return;
      }
      if (System.nanoTime() - end >= 0) {
        throw problem.get();
      }
      pause(pause);
      pause =
          pause.multipliedBy(2).compareTo(settings.pace()) < 0
              ? pause.multipliedBy(2)
              : settings.pace();
    }
  }

  private Optional<LoadBalancerException> look(String id, int port) {
    RegisteredTarget target;
    try {
      target = group.target(id, port);
    } catch (LoadBalancerException e) {
      if (e.kind() != Kind.UNAVAILABLE || Thread.currentThread().isInterrupted()) {
        throw e;
      }
      return Optional.of(e);
    }
    if (target.isOutOfUse()) {
      throw refused(
          "can never get traffic: it is %s; see that a listener forwards to the target group, that its load balancer is enabled in this host's zone, and that the target is this host",
          target);
    }
    return target.state() == State.HEALTHY
        ? Optional.empty()
        : Optional.of(
            refused(
                "was not healthy for the target group within %d s: it is %%s; check the group's health check, and that its load balancer may connect to this port (security groups)"
                    .formatted(settings.healthyTimeout().toSeconds()),
                target));
  }

  private LoadBalancerException refused(String words, RegisteredTarget target) {
    return new LoadBalancerException(
        Kind.REFUSED,
        "target %s of %s %s"
            .formatted(target, settings.targetGroup().name(), words.formatted(target.told())));
  }

  private void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadBalancerException(
          Kind.UNAVAILABLE,
          "interrupted while waiting for the target group %s"
              .formatted(settings.targetGroup().name()),
          e);
    }
  }
}
