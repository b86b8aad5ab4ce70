package dev.s3dock.agent;

import dev.s3dock.agent.Decision.Deploy;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Standing;
import java.time.Duration;
import java.util.Optional;

/**
 * The rules of an agent, as functions of what it sees and remembers: no clock, no bucket, no
 * engine.
 */
final class AgentStep {
  /** A check may fail once: a container that is not healthy is replaced after so many looks. */
  private static final int BAD_LOOKS = 2;

  private AgentStep() {}

  /** What makes a target another one: the pointer moved, or the settings of this host changed. */
  static String target(Wish.Wanted wanted, String settings) {
    return wanted.state() + "@" + settings;
  }

  /**
   * What to do after a look.
   *
   * @param settings identifies the settings of the service on this host
   * @param now by the clock of {@link Memory#notBefore}
   */
  static Decision after(
      Wish wish, Standing standing, Memory memory, String settings, Duration now) {
    return switch (wish) {
      case Wish.Unreadable unreadable -> new Rest(State.UNKNOWN, unreadable.problem());
      case Wish.Nothing _ -> new Rest(State.UNKNOWN, "nothing was promoted to it");
      case Wish.Wanted _ when standing instanceof Standing.Unknown unknown ->
          new Rest(State.UNKNOWN, unknown.problem());
      case Wish.Wanted wanted ->
          lack(wanted, standing)
              .map(lack -> about(lack, wanted, standing, memory, settings, now))
              .orElseGet(
                  () ->
                      memory.recorded()
                          ? new Rest(State.HEALTHY, "")
                          : new Deploy("its last deployment may not be recorded"));
    };
  }

  /** What is not as it should be; empty if all is. */
  private static Optional<String> lack(Wish.Wanted wanted, Standing standing) {
    return switch (standing) {
      case Standing.Unknown unknown -> Optional.of(unknown.problem());
      case Standing.Down down -> Optional.of(down.problem());
      case Standing.Live live when !live.image().equals(wanted.image()) ->
          Optional.of("%s is live, not %s".formatted(live.image(), wanted.image()));
      case Standing.Live live when !live.proven() ->
          Optional.of("the deployment of %s was interrupted".formatted(live.image()));
      case Standing.Live live when !live.asConfigured() -> Optional.of("the settings have changed");
      case Standing.Live live -> live.problem();
    };
  }

  private static Decision about(
      String lack,
      Wish.Wanted wanted,
      Standing standing,
      Memory memory,
      String settings,
      Duration now) {
    boolean onlyUnhealthy = isOnlyUnhealthy(wanted, standing);
    String target = target(wanted, settings);
    if (memory.failed().filter(it -> it.target().equals(target)).isPresent()) {
      return new Rest(State.FAILED, memory.failed().get().reason());
    }
    if (onlyUnhealthy && memory.badLooks() < BAD_LOOKS) {
      return new Rest(State.UNHEALTHY, lack);
    }
    if (memory.tried().equals(target) && now.compareTo(memory.notBefore()) < 0) {
      return new Rest(onlyUnhealthy ? State.UNHEALTHY : State.BEHIND, lack);
    }
    return new Deploy(lack);
  }

  /** True if what is live is what should be, and all that is wrong with it is its health. */
  static boolean isOnlyUnhealthy(Wish.Wanted wanted, Standing standing) {
    return standing instanceof Standing.Live live
        && live.image().equals(wanted.image())
        && live.proven()
        && live.asConfigured();
  }

  /** Whether it is the first time that this host brings the target live. */
  static boolean needsTurn(Wish.Wanted wanted, Standing standing, Memory memory, String settings) {
    boolean isHere =
        standing instanceof Standing.Live live
            && live.image().equals(wanted.image())
            && live.proven();
    return !isHere && !memory.live().equals(target(wanted, settings));
  }

  /**
   * Whether a target that was not fit is given up. One that was live here before is not: what it
   * lacks came later, as a database that is away, and may pass.
   */
  static boolean isGivenUp(String target, Memory memory) {
    return !memory.live().equals(target);
  }
}
