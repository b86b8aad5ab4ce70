package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Stops what gets no traffic any more, and removes what is not kept. */
final class Retirement {
  private static final Duration BETWEEN = Duration.ofMillis(250);

  private final DeployContext context;

  Retirement(DeployContext context) {
    this.context = context;
  }

  /**
   * Retires all but one.
   *
   * @param live has the traffic
   * @param warm may be left running if the settings say so: what served until now
   */
  void ofAllBut(Instance live, Optional<Instance> warm) {
    for (Instance old : former(live)) {
      old.backend()
          .ifPresent(context.loadBalancer()::release); // it may have died while it stood by
      if (old.isRunning()) {
        boolean served = warm.filter(old::isSame).isPresent();
        if (!served || !context.settings().keepWarm()) {
          context.stop(old);
        }
      }
    }
    former(live).stream().skip(context.settings().retain()).forEach(context::remove);
  }

  /**
   * Waits until requests on an instance without traffic have ended, or the deadline is over. One
   * that does not run has none.
   *
   * @param patient true to wait for the deadline where the load balancer does not tell how many are
   *     open
   */
  void drain(Instance old, Deadline deadline, boolean patient) throws InterruptedException {
    Optional<Backend> backend = old.backend();
    Waiting waiting =
        new Waiting(
            context.progress(),
            "waiting for the last requests to %s"
                .formatted(backend.map(b -> b.colour().toString()).orElse("it")),
            deadline);
    while (backend.isPresent() && !deadline.isOver() && context.again(old).isRunning()) {
      OptionalLong open = inFlight(backend.get());
      if (open.isPresent() ? open.getAsLong() == 0 : !patient) {
        return;
      }
      waiting.goesOn(Optional.empty());
      deadline.pause(BETWEEN);
    }
  }

  /** The same of all, within the time that the settings give. */
  void drain(List<Instance> old, boolean patient) throws InterruptedException {
    Deadline deadline = Deadline.in(context.settings().drain());
    for (Instance instance : old) {
      drain(instance, deadline, patient);
    }
  }

  /** A load balancer that does not answer does not tell. */
  private OptionalLong inFlight(Backend from) {
    try {
      return context.loadBalancer().inFlight(from);
    } catch (LoadBalancerException e) {
      return OptionalLong.empty();
    }
  }

  private List<Instance> former(Instance live) {
    return context.formerOf(context.instances()).stream()
        .filter(instance -> !instance.isSame(live))
        .toList();
  }
}
