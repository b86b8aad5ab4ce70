package dev.s3dock.engine;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Platform;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A container engine: builds, holds, hands out and takes in images.
 *
 * <p>Every method may throw {@link EngineException}: {@code UNAVAILABLE} if the engine cannot be
 * reached or does not begin to answer in time, {@code TOO_OLD} if it does not speak the API that
 * s3dock needs, {@code NO_SPACE} if its disk is full, {@code FAILED} for anything else. No call is
 * retried. Safe for use by several threads.
 *
 * <p>An <em>image ID</em> is whatever this engine uses as such. With the graph-driver store it is
 * the digest of the image's config; with the containerd store it is the digest of the manifest, or
 * of the index that lists manifests. So IDs of two engines must not be compared: compare {@link
 * EngineImage#diffIds()}, or the config inside of {@link #export}.
 */
public interface Engine extends AutoCloseable {
  /** Asks the engine who it is. The first call decides whether the engine is new enough. */
  EngineInfo info();

  /**
   * The image with this reference or ID; empty if the engine has none.
   *
   * @param reference a tag such as {@code app:1.0}, or an image ID
   */
  Optional<EngineImage> inspect(String reference);

  /**
   * The image as a tar, in the engine's own form of {@code docker save}. The first byte may take as
   * long as the engine needs to write the image to its disk; that wait is not bounded.
   *
   * <p>Closing the stream before its end aborts the export. A connection that is lost on the way
   * shows as an {@code IOException} of the stream, never as an early end.
   *
   * @throws EngineException {@code NOT_FOUND} if there is no such image
   */
  InputStream export(String reference);

  /**
   * True if a push of this engine hands out layers one at a time, and reaches a server at this
   * machine's 127.0.0.1 as far as can be told: so does an engine of this machine.
   */
  boolean handsOutLayers();

  /**
   * Begins to push an image to the registry that its reference names, without credentials.
   *
   * @param reference such as {@code 127.0.0.1:5000/app:1.0}; the engine must have it
   */
  EnginePush push(String reference);

  /** True if the engine is reached over a socket of this machine. */
  boolean isLocal();

  /**
   * Pulls an image from the registry that its reference names, without credentials, and returns
   * when the engine has it. To interrupt this thread ends the pull.
   *
   * @param reference such as {@code 127.0.0.1:5000/app@sha256:…}; the engine has the image under
   *     this reference then
   * @param platform of the image
   * @throws EngineException {@code FAILED} with the engine's own words if it could not pull
   */
  void pull(String reference, Platform platform, PullWatch watch);

  /**
   * About how many bytes the layers of an image have, uncompressed; -1 if the engine does not tell.
   */
  long layerBytes(String reference);

  /**
   * Takes in the images of a tar, as {@code docker load} does, and returns when the engine is done.
   * The caller closes the stream. Existing images are kept; a tag that the tar names moves.
   *
   * @param progress told how far the engine is with what it has received, where it says so
   * @throws EngineException {@code LOAD_REFUSED} with the engine's own words if it does not accept
   *     the tar
   * @throws java.io.UncheckedIOException if the stream cannot be read; the engine then drops what
   *     it has received
   */
  void load(InputStream tar, ByteProgress progress);

  /** The same, told to nobody. */
  default void load(InputStream tar) {
    load(tar, ByteProgress.NONE);
  }

  /**
   * Gives an image one more reference; the reference moves if another image had it.
   *
   * @throws EngineException {@code NOT_FOUND} if there is no such image
   */
  void tag(String imageId, String reference);

  /**
   * Takes a reference away, and with its last one the image itself. An absent one is no error.
   *
   * @throws EngineException {@code FAILED} if a container still uses the image under this reference
   */
  void removeTag(String reference);

  /**
   * The images that have a reference {@code app:…}, each with all of its references. A reference
   * with a registry or a path is another name, and does not count.
   */
  List<EngineImage> images(AppName app);

  /** All references that the engine has, such as {@code app:1.0} and {@code app@sha256:…}. */
  Set<String> references();

  /** All references of the image with this one; empty if there is none. */
  Set<String> references(String reference);

  /**
   * Images that the engine holds whole, with or without a reference: first those with a reference
   * {@code app:…}, then the others, of each the newest first.
   *
   * @param most how many at most; the rest is not looked at
   */
  List<EngineImage> images(AppName first, int most);

  /**
   * True if the engine has every part of the image with this reference. An engine with the
   * containerd store keeps the record of an image although its load has failed, and takes in an
   * image without the blobs of layers that it has unpacked. {@link #inspect} finds such an image,
   * and it may even run, but an {@link #export} lacks layers.
   */
  boolean isWhole(String reference);

  /** IDs of the images that a container uses, whether it runs or not. */
  Set<String> imageIdsInUse();

  /**
   * Builds an image and tags it.
   *
   * @param output receives the engine's own output, whole lines of UTF-8, as it comes
   * @param sent told how much of the context was sent, where that is known
   * @return the image's ID
   * @throws EngineException {@code BUILD_FAILED} with the engine's own error, also for a context
   *     that cannot be sent
   */
  String build(BuildRequest request, OutputStream output, ByteProgress sent);

  /** The same, told to nobody. */
  default String build(BuildRequest request, OutputStream output) {
    return build(request, output, ByteProgress.NONE);
  }

  /** Closes the connection; the engine goes on. Calls after this fail. */
  @Override
  void close();
}
