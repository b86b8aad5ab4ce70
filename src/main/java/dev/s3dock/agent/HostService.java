package dev.s3dock.agent;

import dev.s3dock.deploy.Deployer.Deployed;
import dev.s3dock.deploy.Standing;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.image.ImageReference;

/**
 * One service on this host, as the configuration says at the moment. It is made for one step, and
 * closed after it.
 */
public interface HostService extends AutoCloseable {
  /** Identifies the settings; the same for as long as nothing about the service changes. */
  String settings();

  /** How it stands; changes nothing. */
  Standing standing() throws InterruptedException;

  /**
   * Brings an image live: what its environment leads to, or what was live before until its turn
   * comes.
   *
   * @throws DeployException {@code UNFIT} if that is not fit; every other exception may pass
   */
  Deployed deploy(ImageReference image) throws InterruptedException;

  /** Fetches ahead what a deployment of the image will need; changes nothing that is live. */
  default void prefetch(ImageReference image) {}

  /** True if the engine answers. */
  boolean engineAnswers();

  @Override
  void close();
}
