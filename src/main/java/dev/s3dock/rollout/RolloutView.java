package dev.s3dock.rollout;

import dev.s3dock.image.Digest;
import dev.s3dock.rollout.RolloutTurn.Begin;
import dev.s3dock.rollout.RolloutTurn.Wait;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A rollout as somebody sees it, and the rules: functions of that and of nothing else. Every agent
 * computes them for itself.
 *
 * <p><b>Why an old view never breaks a limit.</b> A host writes that it has begun, then lists the
 * marks, and goes on only if fewer than {@code atOnce} others count: those that have begun and not
 * ended, and those before it that have not ended. Of any hosts under way beside each other, the one
 * that wrote its mark last has seen those of all others, and none of them had ended. So they are
 * {@code atOnce} at most, in whatever order hosts come, join and leave. What has ended stays so; a
 * view that does not have it yet only lets a host wait.
 *
 * <p>A host that was silent for three reports is not counted: nobody knows how it is.
 */
public final class RolloutView {
  /** An agent reports every five minutes; so three reports are missing. */
  static final Duration SILENT_AFTER = Duration.ofMinutes(15);

  private static final int MOST_NAMES = 5;

  private final RolloutState rollout;
  private final Map<String, HostProgress> hosts;
  private final Optional<Instant> progress;
  private final Instant now;

  /**
   * Puts together what is seen.
   *
   * @param hosts all that were heard of
   * @param progress when something last went on, or somebody steered it, by the store's clock;
   *     empty if that is not known
   * @param now a time that the store's clock has passed
   */
  public RolloutView(
      RolloutState rollout,
      Collection<HostProgress> hosts,
      Optional<Instant> progress,
      Instant now) {
    this.rollout = rollout;
    this.hosts =
        hosts.stream()
            .collect(Collectors.toMap(HostProgress::host, it -> it, (one, _) -> one, TreeMap::new));
    rollout.canaries().forEach(name -> this.hosts.computeIfAbsent(name, HostProgress::unknown));
    this.progress = progress;
    this.now = now;
  }

  /** How it stands, and why in words. */
  public record Condition(RolloutPhase phase, String reason) {}

  /** What this is a view of. */
  public RolloutState rollout() {
    return rollout;
  }

  /** All hosts in the order of their turns. */
  public List<HostProgress> inOrder() {
    return hosts.values().stream()
        .sorted(
            Comparator.comparing((HostProgress it) -> !isCanary(it.host()))
                .thenComparing(it -> place(it.host())))
        .toList();
  }

  /** True if it comes first. */
  public boolean isCanary(String host) {
    return rollout.canaries().contains(host);
  }

  /** True if nothing was heard of it for three reports. */
  public boolean isSilent(HostProgress host) {
    return host.seen()
        .filter(at -> Duration.between(at, now).compareTo(SILENT_AFTER) <= 0)
        .isEmpty();
  }

  /** How the rollout stands. */
  public Condition condition() {
    if (rollout.aborted().isPresent()) {
      return said(RolloutPhase.ABORTED, rollout.aborted().get());
    }
    if (rollout.paused().isPresent()) {
      return said(RolloutPhase.PAUSED, rollout.paused().get());
    }
    List<String> failed =
        hosts.values().stream().filter(HostProgress::failed).map(HostProgress::host).toList();
    Optional<String> canary = failed.stream().filter(this::isCanary).findFirst();
    if (canary.isPresent() || failed.size() >= rollout.plan().maxFailures()) {
      return new Condition(
          RolloutPhase.FAILED, canary.map(it -> "canary ").orElse("") + names(failed) + " failed");
    }
    return unlessStalled(going());
  }

  private static Condition said(RolloutPhase phase, RolloutState.Word word) {
    return new Condition(
        phase,
        "%s by %s%s"
            .formatted(phase, word.by(), word.reason().isEmpty() ? "" : ": " + word.reason()));
  }

  private static String names(List<String> hosts) {
    String first = hosts.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
    return hosts.size() > MOST_NAMES
        ? "%s and %d more".formatted(first, hosts.size() - MOST_NAMES)
        : first;
  }

  private Condition going() {
    List<HostProgress> canaries = rollout.canaries().stream().map(hosts::get).toList();
    boolean waits = canaries.stream().anyMatch(it -> !it.healthy() && !isSilent(it));
    boolean none = !canaries.isEmpty() && canaries.stream().noneMatch(HostProgress::healthy);
    if (waits || none) {
      return new Condition(RolloutPhase.CANARIES, "the canaries come first");
    }
    if (rollout.plan().approve() && rollout.approved().isEmpty()) {
      return new Condition(RolloutPhase.APPROVAL, "it waits for `s3dock rollout approve`");
    }
    return hosts.values().stream().allMatch(it -> it.ended() || isSilent(it))
        ? new Condition(RolloutPhase.DONE, "")
        : new Condition(RolloutPhase.BATCHES, "");
  }

  private Condition unlessStalled(Condition going) {
    boolean waitsForHosts =
        going.phase() == RolloutPhase.CANARIES || going.phase() == RolloutPhase.BATCHES;
    Duration patience = rollout.plan().soak().plus(rollout.plan().deadline());
    return waitsForHosts
            && progress.filter(at -> Duration.between(at, now).compareTo(patience) > 0).isPresent()
        ? new Condition(
            RolloutPhase.STALLED,
            "no host got done within the deadline of %d s and the soak of %d s"
                .formatted(
                    rollout.plan().deadline().toSeconds(), rollout.plan().soak().toSeconds()))
        : going;
  }

  /** Whether a host may begin. */
  public RolloutTurn turn(String host) {
    Condition condition = condition();
    if (condition.phase().isStopped()) {
      return new Wait(
          "the rollout is stopped: " + condition.reason(),
          rollout.paused().isPresent() || rollout.aborted().isPresent(),
          0);
    }
    int beside = beside(host);
    int soaks = beside / rollout.atOnce();
    if (!isCanary(host)) {
      if (condition.phase() == RolloutPhase.CANARIES) {
        return new Wait(condition.reason(), false, soaks + 1);
      }
      if (condition.phase() == RolloutPhase.APPROVAL) {
        return new Wait(condition.reason(), true, soaks);
      }
    }
    return beside < rollout.atOnce()
        ? new Begin()
        : new Wait("it waits for its turn", false, soaks);
  }

  /** How many others are under way, or come before it. Canaries are counted as all others are. */
  private int beside(String host) {
    String place = place(host);
    boolean canary = isCanary(host);
    int count = 0;
    for (HostProgress other : hosts.values()) {
      if (!other.host().equals(host) && !other.ended() && !isSilent(other)) {
        boolean before =
            isCanary(other.host()) == canary
                ? place(other.host()).compareTo(place) < 0
                : isCanary(other.host());
        count += other.begun() || before ? 1 : 0;
      }
    }
    return count;
  }

  /** Another order for each target, so that it is not always the same hosts that go first. */
  private String place(String host) {
    return Digest.of((rollout.target() + "\n" + host).getBytes(StandardCharsets.UTF_8)).hex();
  }
}
