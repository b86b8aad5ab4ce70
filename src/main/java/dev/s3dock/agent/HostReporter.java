package dev.s3dock.agent;

import dev.s3dock.deploy.service.Service;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.registry.report.Deployments.Own;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Reread;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Keeps the report of this host about one service true, with few writes. */
final class HostReporter {
  /** After three missed reports an agent counts as silent. */
  private static final Duration AT_LEAST_EVERY = Duration.ofMinutes(5);

  private final ObjectStore store;
  private final Deployments deployments;
  private final Service service;
  private @Nullable AgentReport said;
  private Duration next = Duration.ZERO;
  private @Nullable Own own;

  HostReporter(ObjectStore store, Deployments deployments, Service service) {
    this.store = store;
    this.deployments = deployments;
    this.service = service;
  }

  /** The report as it is in the bucket, by a conditional read; empty if there is none. */
  Optional<Own> read() {
    ObjectKey key = deployments.key(service.app(), service.environment());
    if (own == null) {
      own = store.get(key, HostReport.MAX_BYTES).map(Own::of).orElse(null);
      return Optional.ofNullable(own);
    }
    own =
        switch (store.reread(key, HostReport.MAX_BYTES, own.object().etag())) {
          case Reread.Same _ -> own;
          case Reread.Other other -> Own.of(other.object());
          case Reread.Gone _ -> null;
        };
    return Optional.ofNullable(own);
  }

  /**
   * Writes if something has changed, or the last report is five minutes old.
   *
   * @param word but for the free space, which is asked for if it is written
   * @param now by a clock that only this process knows
   */
  void say(AgentReport word, LongSupplier diskFree, Duration now) {
    if (said != null && isSame(word, said) && now.compareTo(next) < 0) {
      return;
    }
    AgentReport told = word.at(word.looked(), diskFree.getAsLong());
    deployments.say(service.app(), service.environment(), told);
    said = told;
    next = now.plus(AT_LEAST_EVERY);
  }

  /** Free space and the time of the look change all the time, and are no news. */
  private static boolean isSame(AgentReport one, AgentReport other) {
    return one.at(other.looked(), other.diskFree()).equals(other);
  }
}
