package dev.s3dock.agent;

import dev.s3dock.agent.AgentEvent.Kind;
import dev.s3dock.agent.Decision.Deploy;
import dev.s3dock.agent.Decision.Rest;
import dev.s3dock.agent.Decision.State;
import dev.s3dock.deploy.Standing;
import dev.s3dock.image.FailureWords;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Optional;

/**
 * Holds back what would replace something that serves, until the host's window opens. Meanwhile the
 * image is fetched ahead, once.
 */
final class WaitingRoom {
  private static final DateTimeFormatter SHOWN =
      new DateTimeFormatterBuilder()
          .appendPattern("EEE uuuu-MM-dd HH:mm VV")
          .toFormatter(Locale.ROOT);
  private static final Duration AGAIN = Duration.ofMinutes(10);

  private final Narrator narrator;
  private String fetched = "";
  private Duration notBefore = Duration.ZERO;

  WaitingRoom(Narrator narrator) {
    this.narrator = narrator;
  }

  /**
   * The decision, or to wait.
   *
   * @param closedUntil when the window opens; empty if it is open
   */
  static Decision gate(
      Decision decision, Wish wish, Standing standing, Optional<ZonedDateTime> closedUntil) {
    if (decision instanceof Deploy deploy
        && wish instanceof Wish.Wanted wanted
        && closedUntil.isPresent()
        && replaces(wanted, standing)) {
      return new Rest(
          State.BEHIND,
          "waits for its window, which opens %s: %s"
              .formatted(SHOWN.format(closedUntil.get()), deploy.reason()));
    }
    return decision;
  }

  /** Where nothing serves there is nothing to hold; what is there is completed or put right. */
  static boolean replaces(Wish.Wanted wanted, Standing standing) {
    return standing instanceof Standing.Live live
        && (!live.image().equals(wanted.image()) || (live.proven() && !live.asConfigured()));
  }

  /** Fetches what waits; a failure is told, and harms nothing. */
  void fetch(Wish.Wanted wanted, HostService host, Duration now) {
    if (fetched.equals(wanted.state()) || now.compareTo(notBefore) < 0) {
      return;
    }
    notBefore = now.plus(AGAIN);
    try {
      host.prefetch(wanted.image());
      fetched = wanted.state();
      notBefore = Duration.ZERO;
    } catch (RuntimeException e) {
      narrator.tell(
          Kind.NOTE, Optional.of(wanted.image()), "not fetched ahead: " + FailureWords.of(e));
    }
  }
}
