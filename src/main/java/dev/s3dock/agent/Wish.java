package dev.s3dock.agent;

import dev.s3dock.image.ImageReference;
import dev.s3dock.rollout.RolloutState;
import java.util.Optional;

/** What the bucket says that an environment is to run. */
sealed interface Wish {
  /**
   * This image.
   *
   * @param state of the pointer, and of the version that it may lead to, or of the rollout; another
   *     one for each move
   * @param rollout how hosts follow; empty if all do at once
   */
  record Wanted(String state, ImageReference image, Optional<RolloutState> rollout)
      implements Wish {
    /** All hosts follow at once. */
    Wanted(String state, ImageReference image) {
      this(state, image, Optional.empty());
    }
  }

  /** Nothing was promoted to it, or it was removed. */
  record Nothing() implements Wish {}

  /** That cannot be read now, or makes no sense. */
  record Unreadable(String problem) implements Wish {}
}
