package dev.s3dock.agent;

import java.util.Locale;

/** What an agent does after a look. */
sealed interface Decision {
  /** How a service is, in one word of the host's report. */
  enum State {
    /** What should run does, and is healthy. */
    HEALTHY,
    /** It is being brought live. */
    DEPLOYING,
    /** Something else runs, or nothing; it is tried again. */
    BEHIND,
    /** Its turn in the rollout has not come; what was live before is. */
    WAITING,
    /** The same, and it does not come until somebody does something. */
    HELD,
    /** Something else runs, or nothing; what should run failed here, and is not tried again. */
    FAILED,
    /** What should run is live, but not healthy. */
    UNHEALTHY,
    /** Bucket, engine, load balancer or configuration does not tell. */
    UNKNOWN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Nothing.
   *
   * @param reason why it is not healthy; empty if it is
   */
  record Rest(State state, String reason) implements Decision {}

  /**
   * Brings live what should be.
   *
   * @param reason why
   */
  record Deploy(String reason) implements Decision {}
}
