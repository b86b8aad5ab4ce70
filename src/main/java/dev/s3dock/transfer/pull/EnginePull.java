package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.archive.read.LayerStreams;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.loopback.LoopbackNames;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Opened;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Lets the engine pull the image from this machine: so it unpacks one layer while it receives the
 * next, and asks for no layer that it knows ({@code docs/adr/0043-pull-by-the-engine.md}). Whatever
 * comes between, there is the load.
 */
final class EnginePull {
  /** Of less, a load takes no longer. */
  private static final long LEAST_BYTES = 16L << 20;

  /** How long an engine may take to find this machine: one that can does so in milliseconds. */
  static final Duration FIND = Duration.ofSeconds(10);

  private static final Duration LET_GO = Duration.ofSeconds(5);

  private final PullEndpoint endpoint;
  private final Engine engine;
  private final ImageStore kind;
  private final ImageReference reference;
  private final ArchiveIndex index;
  private final ArchiveReader reader;
  private final Duration find;

  /**
   * Pulls one image.
   *
   * @param find how long the engine may take to find this machine
   */
  EnginePull(
      PullEndpoint endpoint,
      Engine engine,
      ImageStore kind,
      ImageReference reference,
      ArchiveIndex index,
      ArchiveReader reader,
      Duration find) {
    this.endpoint = endpoint;
    this.engine = engine;
    this.kind = kind;
    this.reference = reference;
    this.index = index;
    this.reader = reader;
    this.find = find;
  }

  /**
   * Pulls the image if that costs no more than a load.
   *
   * @param held layers that the engine seems to have
   * @return layers that the engine did not ask for; empty if the image has to be loaded
   * @throws CorruptArchiveException if the archive is damaged, and not only what the cache has of
   *     it
   * @throws EngineException {@code NO_SPACE}: a load takes more
   */
  Optional<Set<Digest>> run(Set<Digest> held, TransferProgress progress, ByteCounter counter)
      throws IOException {
    if (!engine.isLocal() || bytesBeside(held) < LEAST_BYTES) {
      return Optional.empty();
    }
    String reason;
    try {
      return Optional.of(pull(held, progress, counter));
    } catch (EngineException e) {
      if (e.kind() == EngineException.Kind.NO_SPACE) {
        throw e;
      }
      reason = e.getMessage();
    } catch (NotFoundException | PulledImage.LoadIsLessException e) {
      reason = e.getMessage();
    } catch (CorruptArchiveException e) {
      if (counter.cached() == 0) {
        throw e;
      }
      reason = e.getMessage();
    }
    progress.detail(
        "%s: the engine does not pull it from here (%s); loading it".formatted(reference, reason));
    return Optional.empty();
  }

  private long bytesBeside(Set<Digest> held) {
    return index.layers().stream()
        .filter(layer -> !held.contains(layer.diffId()))
        .mapToLong(LayerEntry::size)
        .sum();
  }

  /** Nobody has asked for anything: the engine is somewhere else. */
  private static final class NotFoundException extends IOException {
    private static final long serialVersionUID = 1L;

    NotFoundException(String message) {
      super(message);
    }
  }

  private Set<Digest> pull(Set<Digest> held, TransferProgress progress, ByteCounter counter)
      throws IOException {
    // an engine with the containerd store knows a layer by its digest, however that came
    Set<Digest> unwanted = kind == ImageStore.GRAPH_DRIVER ? held : Set.of();
    Thread sweeper =
        Thread.ofVirtual().name("s3dock-sweep").start(() -> LoopbackNames.sweep(engine));
    try (LayerStreams streams = reader.openLayers()) {
      LayerForm form = LayerForm.of(kind, index);
      ImageConfig config = reader.knownConfig();
      PulledImage image;
      try (PullSteps steps = new PullSteps(progress, counter, index, form)) {
        image = new PulledImage(config, index, form, unwanted, streams, steps::sent);
        pull(image, steps);
      }
      return index.layers().stream()
          .map(LayerEntry::diffId)
          .filter(layer -> !image.asked().contains(layer))
          .collect(Collectors.toSet());
    } finally {
      join(sweeper);
    }
  }

  private void pull(PulledImage image, PullSteps steps) throws IOException {
    Opened registry = open(image);
    String name = registry.name() + "@" + image.manifestDigest();
    Thread pulling =
        Thread.ofVirtual().name("s3dock-engine-pull").start(() -> pull(name, image.end(), steps));
    try {
      awaitFound(image);
      Tasks.await(image.end());
      engine.tag(
          (kind == ImageStore.CONTAINERD ? image.manifestDigest() : index.imageId()).toString(),
          reference.toString());
    } finally {
      pulling.interrupt();
      registry.close();
      join(pulling);
      forget(name);
    }
  }

  private Opened open(PulledImage image) throws NotFoundException {
    try {
      return endpoint.open(image);
    } catch (IOException e) {
      throw new NotFoundException(String.valueOf(e.getMessage()));
    }
  }

  private void pull(String name, CompletableFuture<Void> end, PullSteps steps) {
    try {
      engine.pull(name, index.platform(), steps);
      end.complete(null);
    } catch (RuntimeException e) {
      end.completeExceptionally(e);
    }
  }

  private void awaitFound(PulledImage image) throws IOException {
    try {
      CompletableFuture.anyOf(image.found(), image.end())
          .get(find.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new NotFoundException("it has not found this machine");
    } catch (ExecutionException e) {
      throw Tasks.failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** What cannot be removed now is left to the next run. */
  private void forget(String name) {
    try {
      engine.removeTag(name);
    } catch (EngineException e) {
      // as above
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(LET_GO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
