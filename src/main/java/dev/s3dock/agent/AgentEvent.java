package dev.s3dock.agent;

import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that happened, which is a line of the log.
 *
 * @param service empty if it is about the agent itself
 * @param image that it is about
 * @param text may be empty
 */
public record AgentEvent(
    Instant at, Kind kind, Optional<Service> service, Optional<ImageReference> image, String text) {
  /** What happened. */
  public enum Kind {
    /** The agent has begun. */
    STARTED,
    /** The agent ends. */
    STOPPED,
    /** An environment leads to another image. */
    WANTED,
    /** A deployment begins. */
    DEPLOYING,
    /** A deployment tells how it goes on. */
    NOTE,
    /** A step of a deployment has ended; for who wants to see everything. */
    STEP,
    /** A deployment has ended, and its image is live. */
    LIVE,
    /** An image was not fit, and is not tried again. */
    FAILED,
    /** A deployment failed, and is tried again. */
    POSTPONED,
    /** What had failed is tried again, because somebody has asked for it. */
    RETRY,
    /** A rollout was paused, or went back. */
    ROLLOUT,
    /** Something is not as it should be. */
    PROBLEM,
    /** It is again. */
    RECOVERED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Is told of each event, by several threads. */
  @FunctionalInterface
  public interface Log {
    void happened(AgentEvent event);
  }
}
