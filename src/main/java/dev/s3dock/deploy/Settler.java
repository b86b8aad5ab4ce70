package dev.s3dock.deploy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings to an end what a deployment that died has left, so that the next one begins with at most
 * one instance that gets traffic, which is proven, and with proven ones that do not run.
 */
final class Settler {
  private static final Duration NO_LIMIT = Duration.ofDays(1);

  private final Site site;

  Settler(Site site) {
    this.site = site;
  }

  /** Settles, and looks again. */
  Fleet settle() throws InterruptedException {
    Fleet fleet = clear();
    if (fleet.live().isEmpty()) {
      fleet = bringBack(fleet);
    }
    Optional<Instance> live = fleet.live();
    if (live.isPresent() && live.get().isCandidate()) {
      fleet = judge(fleet, live.get());
    }
    for (Instance stray : fleet.strays()) {
      site.progress().note("removing " + stray + ", left by a deployment that did not end");
      stray.backend().ifPresent(site.traffic()::release);
      site.containers().stop(stray.id(), site.settings().stopGrace()); // it may have had traffic
      site.containers().remove(stray.id());
    }
    Fleet settled = site.fleet();
    if (settled.live().isEmpty()) {
      return settled; // whoever runs may be all that there is
    }
    List<Instance> former = site.formerOf(settled);
    new Retirement(site).ofAllBut(settled.live().get(), former.stream().findFirst());
    return site.fleet();
  }

  /** A deployment may have died while it moved the traffic: then both sides get some. */
  private Fleet clear() throws InterruptedException {
    try {
      return site.fleet();
    } catch (TrafficException e) {
      if (e.kind() != TrafficException.Kind.UNCLEAR) {
        throw e;
      }
      List<Instance> all = Fleet.instances(site.service(), site.containers());
      for (Instance proven : site.formerOf(new Fleet(all, Optional.empty()))) {
        if (proven.isRunning() && isFit(proven)) {
          site.progress().note("traffic goes to more than one side: back to " + proven);
          site.traffic().direct(site.backend(proven), Optional.empty());
          return site.fleet();
        }
      }
      throw e;
    }
  }

  /** The load balancer sends traffic to nobody, as one that has lost its state: is anybody fit? */
  private Fleet bringBack(Fleet fleet) throws InterruptedException {
    for (Instance former : site.formerOf(fleet)) {
      if (former.isRunning() && isFit(former)) {
        site.progress().note("the load balancer sends traffic nowhere: back to " + former);
        site.traffic().direct(site.backend(former), Optional.empty());
        return site.fleet();
      }
    }
    return fleet;
  }

  /** A deployment died between its switch and its end. */
  private Fleet judge(Fleet fleet, Instance live) throws InterruptedException {
    if (live.isRunning() && isFit(live)) {
      site.progress().note("keeping " + live + ", which an interrupted deployment brought live");
      site.traffic().direct(site.backend(live), Optional.empty());
      site.confirm(live);
      return site.fleet();
    }
    for (Instance former : site.formerOf(fleet)) {
      Instance awake = awake(former);
      if (isFit(awake)) {
        site.progress().note(live + " is not fit: back to " + awake);
        site.traffic().direct(site.backend(awake), Optional.empty());
        return site.fleet();
      }
    }
    return fleet; // nobody is fit: what comes next can only be better
  }

  private Instance awake(Instance former) {
    if (!former.isRunning()) {
      site.containers().start(former.id());
    }
    return site.again(former);
  }

  private boolean isFit(Instance instance) throws InterruptedException {
    try {
      site.gate().await(instance, site.backend(instance), Deadline.in(NO_LIMIT), site.progress());
      return true;
    } catch (DeployException e) {
      site.progress().note("%s is not fit: %s".formatted(instance, e.getMessage()));
      return false;
    }
  }
}
