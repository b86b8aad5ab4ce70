package dev.s3dock.deploy;

import java.util.List;
import java.util.Optional;

/** Stops what gets no traffic any more, and removes what is not kept. */
final class Retirement {
  private final Site site;

  Retirement(Site site) {
    this.site = site;
  }

  /**
   * Retires all but one.
   *
   * @param live has the traffic
   * @param warm may be left running if the settings say so: what served until now
   */
  void ofAllBut(Instance live, Optional<Instance> warm) {
    for (Instance old : former(live)) {
      old.backend().ifPresent(site.traffic()::release); // it may have died while it stood by
      if (old.isRunning()) {
        boolean served = warm.map(Instance::id).equals(Optional.of(old.id()));
        if (!served || !site.settings().keepWarm()) {
          site.containers().stop(old.id(), site.settings().stopGrace());
        }
      }
    }
    former(live).stream()
        .skip(site.settings().retain())
        .forEach(old -> site.containers().remove(old.id()));
  }

  private List<Instance> former(Instance live) {
    return site.formerOf(site.fleet()).stream()
        .filter(instance -> !instance.id().equals(live.id()))
        .toList();
  }
}
