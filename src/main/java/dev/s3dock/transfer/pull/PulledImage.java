package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.read.LayerStreams;
import dev.s3dock.image.Digest;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * An image as an engine pulls it: an OCI manifest of layers in one {@linkplain LayerForm form}.
 * Notes what the engine asks for, and ends the pull at the first thing that goes wrong, since the
 * engine itself would try again for a minute.
 */
final class PulledImage implements PullEndpoint.Image {
  private final byte[] manifest;
  private final Digest manifestDigest;
  private final byte[] config;
  private final Digest imageId;
  private final LayerForm form;
  private final Map<Digest, LayerEntry> layers;
  private final Set<Digest> unwanted;
  private final LayerStreams streams;
  private final LongConsumer sent;
  private final CompletableFuture<Void> found = new CompletableFuture<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final Set<Digest> asked = ConcurrentHashMap.newKeySet();

  /** A load without the layers that the engine has is less work than this pull. */
  static final class LoadIsLessException extends IOException {
    private static final long serialVersionUID = 1L;

    LoadIsLessException(Digest layer) {
      super("it asks for the layer %s, which a load can leave out".formatted(layer));
    }
  }

  /**
   * Hands out an image.
   *
   * @param unwanted diff_ids of layers that ought not to be asked for
   * @param sent told of the bytes of layers that the engine is sent
   */
  PulledImage(
      ImageConfig config,
      ArchiveIndex index,
      LayerForm form,
      Set<Digest> unwanted,
      LayerStreams streams,
      LongConsumer sent) {
    this.manifest = form.manifest(config, index).bytes();
    this.manifestDigest = Digest.of(manifest);
    this.config = config.bytes();
    this.imageId = index.imageId();
    this.form = form;
    this.layers =
        index.layers().stream()
            .collect(Collectors.toMap(form::digest, Function.identity(), (first, same) -> first));
    this.unwanted = Set.copyOf(unwanted);
    this.streams = streams;
    this.sent = sent;
  }

  /** Done when the engine has found this. */
  CompletableFuture<Void> found() {
    return found;
  }

  /** Done when the pull is over, whoever has ended it. */
  CompletableFuture<Void> end() {
    return end;
  }

  /** Layers that the engine has asked for, by their diff_ids. */
  Set<Digest> asked() {
    return asked;
  }

  @Override
  public Digest manifestDigest() {
    return manifestDigest;
  }

  @Override
  public byte[] manifest() {
    found.complete(null);
    return manifest.clone();
  }

  @Override
  public OptionalLong size(Digest blob) {
    if (blob.equals(imageId)) {
      return OptionalLong.of(config.length);
    }
    LayerEntry layer = layers.get(blob);
    return layer == null ? OptionalLong.empty() : OptionalLong.of(form.size(layer));
  }

  @Override
  public InputStream open(Digest blob, long from) throws IOException {
    if (blob.equals(imageId)) {
      return new ByteArrayInputStream(config, (int) from, config.length);
    }
    LayerEntry layer = layers.get(blob);
    if (layer == null) {
      throw new IllegalArgumentException("no blob of this image: " + blob);
    }
    try {
      if (unwanted.contains(layer.diffId())) {
        throw new LoadIsLessException(layer.diffId());
      }
      asked.add(layer.diffId());
      return new Watched(form.open(streams, layer, from));
    } catch (IOException | RuntimeException e) {
      end.completeExceptionally(e);
      throw e;
    }
  }

  /** Ends the pull if it cannot be read. */
  private final class Watched extends BlockInputStream {
    private final InputStream layer;

    Watched(InputStream layer) {
      this.layer = layer;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        int count = layer.read(buffer, offset, length);
        sent.accept(Math.max(0, count));
        return count;
      } catch (IOException | RuntimeException e) {
        end.completeExceptionally(e);
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      layer.close();
    }
  }
}
