package dev.s3dock.deploy;

import java.util.Optional;

/**
 * What serves when a deployment begins, and what it would go back to.
 *
 * @param instance the container; empty if nothing serves, or something that s3dock did not deploy
 * @param backend where it takes requests; empty if nothing serves
 */
record Origin(Optional<Instance> instance, Optional<Backend> backend) {
  /**
   * Of a settled state. A backend that is none of ours counts if it answers through the load
   * balancer: whoever begins with s3dock has an app that runs already.
   */
  static Origin of(Site site, Fleet settled) throws InterruptedException {
    Optional<Instance> ours = settled.live().filter(Instance::isRunning);
    if (ours.isPresent() || settled.traffic().isEmpty()) {
      return new Origin(ours, ours.map(site::backend));
    }
    Backend other = settled.traffic().get();
    boolean serves =
        settled.live().isEmpty()
            && site.settings().front().isPresent()
            && site.prover().check(other).isEmpty();
    return new Origin(Optional.empty(), serves ? Optional.of(other) : Optional.empty());
  }

  /** For a message: the image, or where it is; empty if nothing serves. */
  Optional<String> name() {
    return instance
        .map(i -> i.image().toString())
        .or(() -> backend.map(b -> "what runs at " + b.address()));
  }
}
