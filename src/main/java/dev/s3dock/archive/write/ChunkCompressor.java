package dev.s3dock.archive.write;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.HashingInputStream;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.source.LayerSink;
import dev.s3dock.concurrent.OrderedWindow;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * Cuts layers into chunks, compresses these on several threads and appends them to the spool in
 * order. The window of chunks on their way stays open from one layer to the next, so that small
 * layers keep all threads busy too.
 *
 * <p>Memory: the window holds at most {@value #WINDOW_BYTES} raw bytes and one chunk more, and what
 * they compress to.
 */
final class ChunkCompressor implements LayerSink {
  private static final int WINDOW_BYTES = 32 << 20;

  private final Spool spool;
  private final Compression compression;
  private final PackingListener listener;
  private final Map<List<Digest>, LayerEntry> leading;
  private final ChunkCache cache;
  private final List<Chunk> fresh = new ArrayList<>();
  private final OrderedWindow<Compressed> window;
  private final Map<Digest, Draft> layers = new HashMap<>();
  private final Deque<Draft> unfinished = new ArrayDeque<>();
  private int chunkCount;

  ChunkCompressor(
      Spool spool,
      Compression compression,
      ExecutorService workers,
      LeadingLayers leading,
      ChunkCache cache,
      PackingListener listener) {
    this.spool = spool;
    this.compression = compression;
    this.window = new OrderedWindow<>(workers, WINDOW_BYTES);
    this.leading = leading.byBeginning();
    this.cache = cache;
    this.listener = listener;
  }

  /**
   * One layer as it is written.
   *
   * @param chunks so far
   * @param count how many there will be
   */
  private record Draft(Digest diffId, long size, List<Chunk> chunks, int count) {
    PackedLayer layer() {
      return new PackedLayer(diffId, size, chunks);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Compressed(
      List<Chunk> target, int rawLength, byte[] bytes, Digest rawDigest, boolean fresh) {}

  @Override
  public Digest take(HashingInputStream tar) throws IOException {
    List<Chunk> chunks = new ArrayList<>();
    ChunkReader reader = new ChunkReader(tar);
    byte[] head = reader.next().orElse(new byte[0]); // an empty layer is one empty chunk
    Optional<byte[]> next = reader.next();
    Optional<LayerEntry> held = held(head, next, tar.expected());
    if (held.isPresent()) {
      return pass(tar, held.get());
    }
    submit(head, chunks);
    int count = 1;
    for (; next.isPresent(); next = reader.next()) {
      submit(next.get(), chunks);
      count++;
    }
    Digest diffId = tar.finish();
    Draft draft = new Draft(diffId, tar.count(), chunks, count);
    if (layers.putIfAbsent(diffId, draft) == null) {
      unfinished.addLast(draft);
      tellFinished();
    }
    return diffId;
  }

  /** The leading layer that begins with these chunks and has this size, if that is known. */
  private Optional<LayerEntry> held(byte[] head, Optional<byte[]> next, long size) {
    if (leading.isEmpty()) {
      return Optional.empty();
    }
    List<Digest> beginning = new ArrayList<>(List.of(Digest.of(head)));
    next.map(Digest::of).ifPresent(beginning::add);
    return Optional.ofNullable(leading.get(beginning))
        .filter(layer -> size == HashingInputStream.UNKNOWN || size == layer.size());
  }

  /** Reads a layer that need not be packed, and makes sure that it is the one it seems. */
  private Digest pass(HashingInputStream tar, LayerEntry held) throws IOException {
    byte[] buffer = new byte[1 << 20];
    long before = tar.count();
    listener.advanced(before);
    while (tar.read(buffer, 0, buffer.length) >= 0) {
      listener.advanced(tar.count() - before);
      before = tar.count();
    }
    Digest diffId = tar.finish();
    if (!diffId.equals(held.diffId())) {
      throw new LayerMistakenException(
          "the layer %s begins like %s".formatted(diffId, held.diffId()));
    }
    return diffId;
  }

  private void submit(byte[] chunk, List<Chunk> target) throws IOException {
    listener.advanced(chunk.length);
    if (++chunkCount > ArchiveIndex.MAX_CHUNKS) {
      throw new IOException(
          "the image is too large for one archive: more than %d chunks of about 1 MiB"
              .formatted(ArchiveIndex.MAX_CHUNKS));
    }
    window.submit(chunk.length, () -> compressed(chunk, target));
    while (!window.hasRoom(0) || window.isNextDone()) {
      writeFirst();
    }
  }

  private Compressed compressed(byte[] chunk, List<Chunk> target) {
    Digest digest = Digest.of(chunk);
    return cache
        .find(digest)
        .map(known -> new Compressed(target, chunk.length, known, digest, false))
        .orElseGet(
            () -> {
              byte[] bytes = ChunkCodec.compress(chunk, compression);
              return new Compressed(target, chunk.length, bytes, digest, true);
            });
  }

  private void writeFirst() throws IOException {
    Compressed first = window.take();
    Chunk chunk = new Chunk(spool.size(), first.bytes.length, first.rawLength, first.rawDigest);
    first.target.add(chunk);
    if (first.fresh) {
      fresh.add(chunk);
    }
    spool.append(first.bytes);
    tellFinished();
  }

  private void tellFinished() throws IOException {
    while (!unfinished.isEmpty()
        && unfinished.getFirst().chunks.size() == unfinished.getFirst().count) {
      listener.packed(new SpooledLayer(unfinished.removeFirst().layer(), spool));
    }
  }

  /** Writes what is still on its way. To be called once, after the last layer. */
  void finish() throws IOException {
    while (!window.isEmpty()) {
      writeFirst();
    }
  }

  /** The chunks that were not in the cache, after {@link #finish}. */
  List<Chunk> fresh() {
    return fresh;
  }

  /** A layer that was taken, after {@link #finish}. */
  PackedLayer layer(Digest diffId) {
    Draft draft = layers.get(diffId);
    if (draft == null) {
      throw new IllegalArgumentException("no layer " + diffId);
    }
    return draft.layer();
  }
}
