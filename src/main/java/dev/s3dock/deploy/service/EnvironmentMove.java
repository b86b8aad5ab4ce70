package dev.s3dock.deploy.service;

import dev.s3dock.image.ImageReference;

/**
 * Moves the environment of a deployment, for all hosts: asked for with the deployment, and done as
 * late as it can be.
 */
public interface EnvironmentMove {
  /** The image that it is to be at; reads how things stand at the first call. */
  ImageReference image();

  /**
   * Moves it, if it still is where it was at the first call of {@link #image}. A failure that says
   * so is a lost race: somebody else has moved it.
   */
  void move();

  /** True if it leads to the image now. */
  boolean stands();

  /** What was moved, and how to undo it, or that nothing was; a sentence without its stop. */
  String describe();
}
