package dev.s3dock.agent;

import dev.s3dock.deploy.service.Service;
import dev.s3dock.image.ImageReference;
import java.time.Duration;
import java.util.Optional;

/**
 * A service as its agent sees it, for monitoring.
 *
 * @param wanted what should run; empty if that is not known
 * @param running what does; empty if nothing does, or that is not known
 * @param state in one word, see {@code docs/agent.md}
 * @param reason why it is not healthy; empty if it is
 * @param sinceLook how long ago the last look was; empty before the first one
 * @param behind since when what is wanted is not live; zero if it is
 * @param deployments that have ended well, since the agent began
 * @param failures deployments that have not
 * @param busy true while a deployment runs, or waits for its turn
 */
public record ServiceView(
    Service service,
    Optional<ImageReference> wanted,
    Optional<ImageReference> running,
    String state,
    String reason,
    Optional<Duration> sinceLook,
    Duration behind,
    long deployments,
    long failures,
    boolean busy) {
  /** True if all is as it should be. */
  public boolean isRight() {
    return state.equals(Decision.State.HEALTHY.toString());
  }
}
