package dev.s3dock.transfer.push;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.LayerFeed;
import dev.s3dock.archive.source.OfferedLayer;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.transfer.push.ReuseSources.Base;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * An image that an archive of the app holds already, as another commit: its layers are that
 * archive's, and its config stands in the index. Nothing of it needs to leave the engine.
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record HeldImage(byte[] bytes) implements LayerFeed {
  /**
   * Looks for it among what the new archive can be made of.
   *
   * @param isHeld tells by the digest of an image config whether it is of the engine's image
   */
  static Optional<ImageSource> find(
      ReuseSources reuse, EngineImage held, Predicate<Digest> isHeld, String name) {
    return reuse.ownOnly().archives().stream()
        .limit(1) // the one that the leading layers are of
        .map(Base::index)
        .filter(index -> isHeld.test(index.imageId()) && isWhole(index, reuse.leading(), held))
        .flatMap(index -> index.config().stream())
        .map(config -> ImageSource.ofFeed(of(config), reuse.leading(), name))
        .findFirst();
  }

  private static HeldImage of(String config) {
    return new HeldImage(config.getBytes(UTF_8));
  }

  private static boolean isWhole(ArchiveIndex index, LeadingLayers leading, EngineImage held) {
    return !leading.layers().isEmpty()
        && leading.layers().equals(index.layers())
        && index.platform().equals(held.platform());
  }

  @Override
  public Optional<OfferedLayer> next() {
    return Optional.empty();
  }

  @Override
  public void taken(Digest diffId) {
    throw new IllegalStateException("no layer is offered");
  }

  @Override
  public byte[] config() {
    return bytes.clone();
  }
}
