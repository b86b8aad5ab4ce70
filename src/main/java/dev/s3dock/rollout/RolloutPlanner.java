package dev.s3dock.rollout;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.promotion.Promotions.Way;
import dev.s3dock.registry.report.AgentReport;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.rollout.RolloutState.Back;
import dev.s3dock.store.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes a plan concrete at a promotion: which hosts are the canaries, how many there are, and what
 * to go back to. After that nobody needs to ask again.
 */
public final class RolloutPlanner {
  private final ObjectStore store;
  private final Pointers pointers;
  private final RolloutControl control;

  public RolloutPlanner(ObjectStore store, Pointers pointers, RolloutControl control) {
    this.store = store;
    this.pointers = pointers;
    this.control = control;
  }

  /**
   * The same way, with a rollout.
   *
   * @param marks of the environment
   * @throws RegistryException {@link RegistryException.Kind#NOT_FOUND} if no host is a canary
   */
  public Way plan(Way way, RolloutPlan plan, RolloutMarks marks) {
    AppName app = way.image().app();
    Map<String, Instant> hosts = marks.hosts();
    Instant latest = hosts.values().stream().max(Instant::compareTo).orElse(Instant.EPOCH);
    List<String> heard =
        hosts.keySet().stream()
            .filter(
                host ->
                    Duration.between(hosts.get(host), latest).compareTo(RolloutView.SILENT_AFTER)
                        <= 0)
            .toList();
    List<String> canaries = canaries(app, way.environment(), plan, heard);
    String id = UUID.randomUUID().toString();
    ObjectNode json =
        RolloutState.json(
            id, plan, canaries, heard.size(), way.before().map(it -> back(it, marks)));
    return way.with(json);
  }

  private List<String> canaries(
      AppName app, Environment environment, RolloutPlan plan, List<String> heard) {
    if (plan.canary().isEmpty()) {
      return List.of();
    }
    List<String> canaries =
        plan.canaryLabel()
            .map(label -> labelled(app, environment, label, heard))
            .orElseGet(
                () -> {
                  String name = BucketLayout.hostName(plan.canaryHost().orElseThrow());
                  return heard.stream().filter(name::equals).toList();
                });
    if (canaries.isEmpty()) {
      throw RegistryException.notFound(
          "none of the %d hosts that report %s of %s is a canary (%s): set agent.labels on one and let its agent report, or name another; nothing was promoted"
              .formatted(heard.size(), environment, app, plan.canary().get()));
    }
    return canaries;
  }

  private List<String> labelled(
      AppName app, Environment environment, String label, List<String> heard) {
    List<String> canaries = new ArrayList<>();
    ParallelReads.inOrder(
        heard.iterator(),
        host ->
            store
                .get(BucketLayout.deployment(app, environment, host), HostReport.MAX_BYTES)
                .map(HostReport::parse)
                .flatMap(HostReport::agent)
                .map(AgentReport::labels)
                .filter(labels -> labels.contains(label))
                .map(_ -> host),
        found -> found.ifPresent(canaries::add));
    return canaries;
  }

  /**
   * What was live and healthy somewhere. A target that no host had done with was not; neither was
   * one that a host has failed with, or that was stopped and left so.
   */
  private Back back(Pointer before, RolloutMarks marks) {
    Optional<RolloutState> running = control.of(before);
    Optional<Back> further = running.flatMap(RolloutState::back);
    return further.isPresent() && !isFit(running.orElseThrow(), marks)
        ? further.get()
        : new Back(before.target().key().value(), pointers.follow(before).reference().toString());
  }

  private static boolean isFit(RolloutState rollout, RolloutMarks marks) {
    if (rollout.paused().isPresent() || rollout.aborted().isPresent()) {
      return false;
    }
    List<String> words =
        marks.ended(rollout.target()).stream().map(RolloutMarks.Mark::word).toList();
    return words.contains(RolloutMarks.HEALTHY) && !words.contains(RolloutMarks.FAILED);
  }
}
