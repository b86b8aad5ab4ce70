package dev.s3dock.engine;

import dev.s3dock.image.Platform;

/**
 * Who an engine is.
 *
 * @param version of the engine, such as {@code 26.1.5+dfsg1}
 * @param apiVersion newest version of the API it speaks, such as {@code 1.45}
 * @param platform what it runs by default
 * @param imageStore how it keeps images, which decides what an image ID is
 * @param driver of its storage, such as {@code overlay2}
 * @param dataRoot folder that holds what the engine keeps, on the engine's machine
 */
public record EngineInfo(
    String version,
    String apiVersion,
    Platform platform,
    ImageStore imageStore,
    String driver,
    String dataRoot) {
  /** How an engine keeps images. */
  public enum ImageStore {
    /** Unpacked layers in a graph driver such as overlay2; an image's ID is its config's digest. */
    GRAPH_DRIVER,
    /** Blobs in containerd's content store; an image's ID is the digest of a manifest or index. */
    CONTAINERD
  }
}
