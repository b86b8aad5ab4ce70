package dev.s3dock.deploy;

import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Published;
import dev.s3dock.transfer.pull.PlatformSelector;
import dev.s3dock.transfer.pull.Puller;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Where the images of a deployment come from: what the bucket wants an environment to run, and the
 * engine of this host that is to hold it.
 */
public final class ImageProvider {
  private final Pointers pointers;
  private final Catalog catalog;
  private final Images images;
  private final PlatformSelector platforms;
  private final Puller puller;
  private final Engine engine;

  public ImageProvider(
      Pointers pointers,
      Catalog catalog,
      Images images,
      PlatformSelector platforms,
      Puller puller,
      Engine engine) {
    this.pointers = pointers;
    this.catalog = catalog;
    this.images = images;
    this.platforms = platforms;
    this.puller = puller;
    this.engine = engine;
  }

  /** The image that an environment is to run, for the platform of this engine. */
  Published wanted(Service service) {
    Pointer pointer =
        pointers
            .find(service.app(), service.environment())
            .orElseThrow(() -> catalog.noEnvironment(service.app(), service.environment()));
    return platforms.pick(images.require(pointers.follow(pointer)), engine.info().platform());
  }

  /** An image that is published, for the platform of this engine. */
  Published published(ImageReference image) {
    return platforms.pick(images.require(image), engine.info().platform());
  }

  /** Brings it into the engine, verified, if it is not there. */
  void pull(Published image) {
    try {
      puller.pull(image, engine);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Shows that it need not be brought.
   *
   * @throws DeployException {@code FAILED} if the engine does not hold it
   */
  void requireHeld(Published image) {
    try {
      if (!puller.isHeld(image, engine)) {
        throw new DeployException(
            DeployException.Kind.FAILED,
            "the engine does not have %s; leave out --no-pull".formatted(image.key().reference()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Shows that the image has a HEALTHCHECK to go by, before a container is made of it.
   *
   * @throws DeployException {@code UNFIT} if it has none
   */
  void requireHealthcheck(ImageReference image) {
    if (engine.inspect(image.toString()).filter(held -> !held.healthcheck()).isPresent()) {
      throw new DeployException(
          DeployException.Kind.UNFIT,
          "the image %s has no HEALTHCHECK, which health.image asks for: add one, or set health.path or health.command; nothing was changed"
              .formatted(image));
    }
  }

  /** The engine's own name for the image; empty if it holds none under this reference. */
  String engineId(ImageReference image) {
    return engine.inspect(image.toString()).map(EngineImage::id).orElse("");
  }
}
