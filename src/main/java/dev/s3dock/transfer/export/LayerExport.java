package dev.s3dock.transfer.export;

import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.source.LayerFeed;
import dev.s3dock.archive.source.OfferedLayer;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EnginePush;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.transfer.NotedDigests;
import dev.s3dock.transfer.loopback.LoopbackNames;
import dev.s3dock.transfer.loopback.LoopbackRegistry;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Opened;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes out of an engine only what the bucket lacks: the engine pushes the image to a registry on
 * this machine, which reads of each layer no more than it needs to know it, and takes the others
 * whole. The first layer that is missing comes at once, where a save begins with a copy of the
 * whole image on the engine's disk ({@code docs/adr/0042-push-by-layers.md}).
 */
public final class LayerExport implements LayerFeed, AutoCloseable {
  /** What an engine compresses in a push takes about four times as long as a save of it. */
  private static final int WORTH = 4;

  /** Of a smaller image, a save takes no longer. */
  private static final long LEAST_BYTES = 16L << 20;

  private final Engine engine;
  private final PushedLayers layers;
  private final Opened registry;
  private final EnginePush push;
  private final String name;
  private final LeadingLayers known;
  private final AtomicBoolean open = new AtomicBoolean(true);

  private LayerExport(
      Engine engine,
      PushedLayers layers,
      Opened registry,
      EnginePush push,
      String name,
      LeadingLayers known) {
    this.engine = engine;
    this.layers = layers;
    this.registry = registry;
    this.push = push;
    this.name = name;
    this.known = known;
  }

  /**
   * True if so much of an image is known that it takes less time than a save, from an engine that
   * {@linkplain Engine#handsOutLayers hands out layers}.
   *
   * @param bytes of the image's layers, uncompressed; -1 if that is not known
   */
  public static boolean pays(long bytes, LeadingLayers known) {
    long there = bytes(known);
    return there >= LEAST_BYTES && (bytes - there) * WORTH <= bytes;
  }

  /** Bytes of these layers, uncompressed. */
  public static long bytes(LeadingLayers known) {
    return known.layers().stream().mapToLong(LayerEntry::size).sum();
  }

  /**
   * Begins.
   *
   * @throws EngineException if the engine does not begin to push
   * @throws PushEndedException if nothing can listen here
   */
  public static LayerExport begin(
      LoopbackRegistry loopback,
      NotedDigests blobs,
      Engine engine,
      ImageReference reference,
      EngineImage held,
      LeadingLayers known)
      throws IOException {
    PushedLayers layers = new PushedLayers(known, held, blobs);
    Opened registry = open(loopback, layers);
    String name = registry.name() + "/" + reference;
    try {
      engine.tag(held.id(), name);
      EnginePush push = engine.push(name);
      LayerExport begun = new LayerExport(engine, layers, registry, push, name, known);
      Thread.ofVirtual().name("s3dock-engine-push").start(begun::await);
      return begun;
    } catch (RuntimeException e) {
      registry.close();
      engine.removeTag(name);
      throw e;
    }
  }

  private static Opened open(LoopbackRegistry loopback, PushedLayers layers)
      throws PushEndedException {
    try {
      return loopback.open(layers);
    } catch (IOException e) {
      throw new PushEndedException(String.valueOf(e.getMessage()));
    }
  }

  private void await() {
    String why = "the engine's push ended before its image config came";
    try {
      LoopbackNames.sweep(engine);
      why = push.await().orElse(why);
    } catch (RuntimeException e) {
      why = String.valueOf(e.getMessage()); // nobody else would hear of it on this thread
    } finally {
      layers.end(why); // whatever happens, somebody waits for this
    }
  }

  /** The image; all that it needs of the engine is over when it has been read. */
  public ImageSource source() {
    return ImageSource.ofFeed(this, known, name);
  }

  @Override
  public Optional<OfferedLayer> next() throws IOException {
    return layers.next();
  }

  @Override
  public void taken(Digest diffId) {
    layers.taken(diffId);
  }

  /** Lets the engine go: nothing more is needed of it. */
  @Override
  public byte[] config() {
    byte[] config = layers.config();
    close();
    return config;
  }

  /** Ends the push, and takes its name out of the engine. */
  @Override
  public void close() {
    if (open.getAndSet(false)) {
      layers.close();
      push.close();
      registry.close();
      engine.removeTag(name);
    }
  }
}
