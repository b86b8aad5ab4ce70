package dev.s3dock.deploy.service;

import java.time.Duration;

/** Is told how a deployment goes on. */
public interface DeployProgress {
  /** Shows nothing. */
  DeployProgress NONE = new DeployProgress() {};

  /** A step begins. */
  default void begins(Step step) {}

  /** A step has ended well. */
  default void ended(Step step, Duration took) {}

  /** Something that a person wants to know. */
  default void note(String text) {}

  /** Something for who wants to see everything. */
  default void detail(String text) {}
}
