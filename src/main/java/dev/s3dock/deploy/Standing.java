package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.ImageReference;
import java.util.Optional;

/** How a service stands on this host at one look. */
public sealed interface Standing {
  /** The engine or the load balancer does not tell: nothing is known, and nothing can be done. */
  record Unknown(String problem) implements Standing {}

  /**
   * No container of the service gets traffic.
   *
   * @param problem in words
   */
  record Down(String problem) implements Standing {}

  /**
   * A container gets the traffic.
   *
   * @param deployment which deployment made it
   * @param colour {@code blue} or {@code green}
   * @param proven false until its deployment has ended well, and while another one replaces it one
   *     container after the other
   * @param asConfigured true if a new container of this image would be made as this one was
   * @param problem why it is not healthy; empty if it is
   */
  record Live(
      ImageReference image,
      String deployment,
      String colour,
      boolean proven,
      boolean asConfigured,
      Optional<String> problem)
      implements Standing {}

  /** What is live; empty if nothing is, or nothing is known. */
  default Optional<ImageReference> running() {
    return this instanceof Live live ? Optional.of(live.image()) : Optional.empty();
  }

  /** Looks; changes nothing. */
  static Standing of(DeployContext context) throws InterruptedException {
    try {
      Instances instances = context.instances();
      return instances.live().isPresent() ? live(context, instances) : down(context, instances);
    } catch (LoadBalancerException e) {
      return e.kind() == LoadBalancerException.Kind.UNCLEAR
          ? new Down(String.valueOf(e.getMessage()))
          : new Unknown(String.valueOf(e.getMessage()));
    } catch (EngineException e) {
      return new Unknown(String.valueOf(e.getMessage()));
    }
  }

  private static Down down(DeployContext context, Instances instances) {
    if (!context.settings().handover().takesTraffic()) {
      return new Down("no container runs");
    }
    return new Down(
        instances.serving().stream()
            .findFirst()
            .map(to -> "traffic goes to %s, but there is no container".formatted(to.address()))
            .orElse("no container gets traffic"));
  }

  private static Live live(DeployContext context, Instances instances) throws InterruptedException {
    Instance instance = instances.live().orElseThrow();
    return new Live(
        instance.image(),
        instance.deployment(),
        instance.colour().toString(),
        !instance.isCandidate() && !instances.isShared(),
        instance.settings().equals(context.settings().fingerprint()),
        context.problem(instances));
  }
}
