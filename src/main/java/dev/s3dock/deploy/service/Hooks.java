package dev.s3dock.deploy.service;

import java.util.Locale;
import java.util.Map;

/** Commands of the user's that run at certain points of a deployment. */
public interface Hooks {
  /** Does nothing at any point. */
  Hooks NONE = (point, facts) -> {};

  /** The point of a deployment at which a command runs. */
  enum Point {
    /** The new container is healthy and gets no traffic yet. */
    PRE_DEPLOY,
    /** New requests reach the new container; the old one still runs. */
    POST_SWITCH,
    /** The deployment has succeeded, and the old container was stopped or kept. */
    POST_DEPLOY,
    /** The deployment failed, and the traffic is where it was before. */
    FAILED;

    /** As in the configuration. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Runs the command of this point, if there is one, and waits for its end.
   *
   * @param facts about the deployment, by the name of the variable that tells them
   * @throws DeployException {@code FAILED} if it fails or takes too long
   */
  void run(Point point, Map<String, String> facts) throws InterruptedException;
}
