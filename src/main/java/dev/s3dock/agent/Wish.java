package dev.s3dock.agent;

import dev.s3dock.image.ImageReference;

/** What the bucket says that an environment is to run. */
sealed interface Wish {
  /**
   * This image.
   *
   * @param state of the pointer, and of the version that it may lead to; another one for each move
   */
  record Wanted(String state, ImageReference image) implements Wish {}

  /** Nothing was promoted to it, or it was removed. */
  record Nothing() implements Wish {}

  /** That cannot be read now, or makes no sense. */
  record Unreadable(String problem) implements Wish {}
}
