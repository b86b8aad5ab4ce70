package dev.s3dock.transfer.export;

import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.source.LayerFeed;
import dev.s3dock.archive.source.OfferedLayer;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.image.Digest;
import dev.s3dock.transfer.NotedDigests;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Receiver;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Taken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * What an engine pushes, as the source of a pack: of layers that the bucket has, only the beginning
 * is taken, by which they are known; the others are handed on, one at a time.
 *
 * <p>It ends with the image config that the engine's ID is the digest of, which a classic store
 * sends after all layers; or with the manifest or index that it is the digest of, which a
 * containerd store sends after all that it names.
 */
final class PushedLayers implements LayerFeed, Receiver, AutoCloseable {
  private final LeadingLayers known;
  private final EngineImage image;
  private final NotedDigests blobs;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final PushedDocuments documents;
  private volatile boolean closed;
  private @Nullable Offer current;
  private byte @Nullable [] config;

  /** What comes from the engine. */
  private sealed interface Event {}

  /** A layer, and what it turns out to be. */
  private record Offer(OfferedLayer layer, CompletableFuture<Digest> diffId) implements Event {}

  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Config(byte[] bytes) implements Event {}

  private record End(String why) implements Event {}

  /**
   * Takes an image.
   *
   * @param known layers that are not wanted
   * @param blobs remembers what the engine calls its layers
   */
  PushedLayers(LeadingLayers known, EngineImage image, NotedDigests blobs) {
    this.known = known;
    this.image = image;
    this.blobs = blobs;
    this.documents = new PushedDocuments(image);
  }

  @Override
  public boolean has(Digest digest) {
    return isKnown(digest) || blobs.find(digest.hex()).filter(this::isKnown).isPresent();
  }

  private boolean isKnown(Digest diffId) {
    return known.layers().stream().anyMatch(it -> it.diffId().equals(diffId));
  }

  @Override
  public Taken take(InputStream blob) throws IOException {
    try {
      return taken(blob);
    } catch (IOException e) {
      end(String.valueOf(e.getMessage())); // the engine would try again for a minute
      throw e;
    }
  }

  private Taken taken(InputStream blob) throws IOException {
    BufferedInputStream in = new BufferedInputStream(blob);
    in.mark(1);
    int first = in.read();
    in.reset();
    if (first == '{') {
      documents.take(in.readNBytes(FormatLimits.MAX_DOCUMENT_BYTES)).ifPresent(this::finish);
      return digest -> {};
    }
    OfferedLayer layer = OfferedLayer.of(in, "a layer of " + image.id());
    Optional<LayerEntry> held = layer.among(known);
    Digest diffId = held.isPresent() ? held.get().diffId() : handOn(layer);
    return digest -> blobs.remember(digest.hex(), diffId);
  }

  @Override
  public void takeManifest(byte[] manifest) throws IOException {
    try {
      documents.takeManifest(manifest).ifPresent(this::finish);
    } catch (IOException e) {
      end(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private void finish(byte[] bytes) {
    events.add(new Config(bytes));
  }

  private Digest handOn(OfferedLayer layer) throws IOException {
    Offer offer = new Offer(layer, new CompletableFuture<>());
    events.add(offer);
    if (closed) {
      refuseAll();
    }
    try {
      return offer.diffId.get();
    } catch (ExecutionException e) {
      throw new IOException("the push is over", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public Optional<OfferedLayer> next() throws IOException {
    Event event;
    try {
      event = events.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return switch (event) {
      case Offer offer -> {
        current = offer;
        yield Optional.of(offer.layer);
      }
      case Config it -> {
        config = it.bytes;
        yield Optional.empty();
      }
      case End end -> throw new PushEndedException(end.why);
    };
  }

  @Override
  public void taken(Digest diffId) {
    Offer read = current;
    if (read != null) {
      read.diffId.complete(diffId);
    }
  }

  @Override
  public byte[] config() {
    byte[] bytes = config;
    if (bytes == null) {
      throw new IllegalStateException("the config has not come");
    }
    return bytes.clone();
  }

  /** Nothing more will come. */
  void end(String why) {
    events.add(new End(why));
  }

  @Override
  public void close() {
    closed = true;
    refuseAll();
  }

  private void refuseAll() {
    IOException over = new IOException("over");
    if (current != null) {
      current.diffId.completeExceptionally(over);
    }
    for (Event left = events.poll(); left != null; left = events.poll()) {
      if (left instanceof Offer offer) {
        offer.diffId.completeExceptionally(over);
      }
    }
  }
}
