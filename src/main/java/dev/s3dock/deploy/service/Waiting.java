package dev.s3dock.deploy.service;

import java.time.Duration;
import java.util.Optional;

/** A wait that a person is told of, from now to a deadline. */
public final class Waiting {
  private final DeployProgress progress;
  private final String what;
  private final Deadline deadline;
  private final Duration limit;

  /**
   * Begins to wait.
   *
   * @param what such as {@code watching green}
   */
  public Waiting(DeployProgress progress, String what, Deadline deadline) {
    this.progress = progress;
    this.what = what;
    this.deadline = deadline;
    this.limit = deadline.left();
    goesOn(Optional.empty());
  }

  /** It goes on; {@code problem} is why the last check failed, if it did. */
  public void goesOn(Optional<String> problem) {
    progress.waits(what, limit.minus(deadline.left()), limit, problem);
  }
}
