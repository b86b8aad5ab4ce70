package dev.s3dock.rollout;

import dev.s3dock.rollout.RolloutMarks.Mark;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What somebody has seen of a rollout: listings, each at its own time.
 *
 * @param reports when each host reported last, by the store's clock
 * @param marks those that were listed
 * @param moved when the pointer was last written, by the store's clock; empty if that was not asked
 *     for, and then nothing is ever late
 */
public record RolloutSighting(
    Map<String, Instant> reports, List<Mark> marks, Optional<Instant> moved) {
  public RolloutSighting {
    reports = Map.copyOf(reports);
    marks = List.copyOf(marks);
  }

  /** All that there is to see; three requests, and more where there are more than 1,000 hosts. */
  public static RolloutSighting of(RolloutMarks marks, RolloutState rollout) {
    return new RolloutSighting(marks.hosts(), marks.all(rollout.target()), marks.moved());
  }

  /** The latest time of the store's clock in it: that has passed. */
  public Instant latest() {
    return Stream.of(reports.values().stream(), marks.stream().map(Mark::at), moved.stream())
        .flatMap(times -> times)
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  /**
   * The rollout at a time.
   *
   * @param now that the store's clock has passed
   */
  public RolloutView at(RolloutState rollout, Instant now) {
    Map<String, HostProgress> hosts = new TreeMap<>();
    reports.forEach((host, at) -> hosts.put(host, HostProgress.unknown(host).seen(at)));
    marks.forEach(
        mark ->
            hosts.compute(
                mark.host(),
                (host, known) ->
                    (known == null ? HostProgress.unknown(host) : known)
                        .marked(mark.word(), mark.at())));
    Optional<Instant> progress =
        moved.flatMap(
            at ->
                Stream.concat(Stream.of(at), marks.stream().map(Mark::at)).max(Instant::compareTo));
    return new RolloutView(rollout, hosts.values(), progress, now);
  }
}
