package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.service.Instance;
import java.util.List;
import java.util.Optional;

/**
 * What serves when a deployment begins, and what it would go back to.
 *
 * @param instance the container; empty if nothing serves, or something that s3dock did not deploy
 * @param backend where it takes requests, without containers that have died; empty if nothing
 *     serves
 */
record PreviousLive(Optional<Instance> instance, Optional<Backend> backend) {
  /**
   * Of a settled state. A backend that is none of ours counts if it answers through the load
   * balancer: whoever begins with s3dock has an app that runs already.
   */
  static PreviousLive of(DeployContext context, Instances settled) throws InterruptedException {
    Optional<Instance> ours = settled.live().filter(Instance::isRunning);
    if (ours.isPresent() || settled.serving().isEmpty()) {
      return new PreviousLive(ours, ours.map(Instance::remaining).map(context::backend));
    }
    Backend other = settled.serving().getFirst();
    boolean serves =
        settled.live().isEmpty()
            && context.settings().front().isPresent()
            && context.routing().check(List.of(other)).isEmpty();
    return new PreviousLive(Optional.empty(), serves ? Optional.of(other) : Optional.empty());
  }

  /** For a message: the image, or where it is; empty if nothing serves. */
  Optional<String> name() {
    return instance
        .map(i -> i.image().toString())
        .or(() -> backend.map(b -> "the container at " + b.address()));
  }
}
