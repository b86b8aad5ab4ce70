package dev.s3dock.deploy.service;

import java.time.Duration;
import java.util.Optional;

/** Is told how a deployment goes on. */
public interface DeployProgress {
  /** Shows nothing. */
  DeployProgress NONE = new DeployProgress() {};

  /** A step begins. */
  default void begins(Step step) {}

  /** A step has ended well. */
  default void ended(Step step, Duration took) {}

  /**
   * It waits; told again and again while it does.
   *
   * @param what such as {@code watching green}
   * @param passed how long by now
   * @param limit when it ends at the latest
   * @param problem why the last check failed; empty if it passed, or there was none yet
   */
  default void waits(String what, Duration passed, Duration limit, Optional<String> problem) {}

  /** Something that a person wants to know. */
  default void note(String text) {}

  /** Something for who wants to see everything. */
  default void detail(String text) {}
}
