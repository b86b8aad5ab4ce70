package dev.s3dock.deploy;

import dev.s3dock.deploy.service.Instance;
import java.util.List;
import java.util.Optional;

/** Stops what gets no traffic any more, and removes what is not kept. */
final class Retirement {
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
        boolean served = warm.map(Instance::id).equals(Optional.of(old.id()));
        if (!served || !context.settings().keepWarm()) {
          context.containers().stop(old.id(), context.settings().stopGrace());
        }
      }
    }
    former(live).stream()
        .skip(context.settings().retain())
        .forEach(old -> context.containers().remove(old.id()));
  }

  private List<Instance> former(Instance live) {
    return context.formerOf(context.instances()).stream()
        .filter(instance -> !instance.id().equals(live.id()))
        .toList();
  }
}
