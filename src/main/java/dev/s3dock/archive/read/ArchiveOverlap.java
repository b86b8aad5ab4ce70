package dev.s3dock.archive.read;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.concurrent.OrderedWindow;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.image.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/**
 * What a file has in common with an archive that is wanted, such as the archive of the version
 * before: chunks of the same raw bytes and the same compressed length. Nothing but the file itself
 * is asked: its chunks begin where the bytes are that all of them begin with, and are decompressed
 * to see what they hold.
 *
 * <p>Another compressor may have made other bytes of the same length, so what is put together from
 * such parts has to be verified as a whole.
 */
public final class ArchiveOverlap {
  /** Chunks read ahead of the one that is waited for: at 4 MiB each at most. */
  private static final int AHEAD = 8;

  private static final int SEARCHED_AT_ONCE = 4 << 20;
  private static final int MOST_STARTS = 2 * ArchiveIndex.MAX_CHUNKS;

  private final FileChannel file;
  private final Compression.Algorithm algorithm;
  private final Map<Key, List<Long>> places = new HashMap<>();
  private final Set<Integer> lengths = new HashSet<>();
  private final List<Copy> copies = new ArrayList<>();

  /**
   * Bytes that both have.
   *
   * @param from offset in the file
   * @param to offset in the wanted archive
   * @param length in bytes, at least 1
   */
  public record Copy(long from, long to, long length) {}

  private record Key(Digest digest, int length) {}

  private record Candidate(long offset, int length, Optional<Digest> digest) {}

  private ArchiveOverlap(FileChannel file, ArchiveIndex wanted) {
    this.file = file;
    this.algorithm = wanted.compression().algorithm();
    List<Chunk> chunks = new ArrayList<>(wanted.between());
    wanted.layers().forEach(layer -> chunks.addAll(layer.chunks()));
    for (Chunk chunk : chunks) {
      places
          .computeIfAbsent(new Key(chunk.digest(), chunk.length()), key -> new ArrayList<>())
          .add(chunk.offset());
      lengths.add(chunk.length());
    }
  }

  /**
   * What the file has of the archive, in the order of the archive, without overlaps. Empty for a
   * file that does not begin with a chunk such as the archive has.
   *
   * @param threads that decompress
   */
  public static List<Copy> find(Path file, ArchiveIndex wanted, int threads) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        ExecutorService workers = Tasks.processorThreads(threads, "s3dock-compare")) {
      ArchiveOverlap overlap = new ArchiveOverlap(channel, wanted);
      try {
        overlap.compare(overlap.starts(), workers);
      } finally {
        Tasks.stop(workers);
      }
      return joined(overlap.copies);
    }
  }

  /** Where chunks may begin; the last one is the end of the file. */
  private List<Long> starts() throws IOException {
    List<Long> starts = new ArrayList<>();
    byte[] header = ChunkCodec.start(algorithm);
    byte[] buffer = new byte[SEARCHED_AT_ONCE];
    for (long at = 0; at + header.length <= file.size() && starts.size() < MOST_STARTS; ) {
      int length = (int) Math.min(buffer.length, file.size() - at);
      read(at, buffer, length);
      for (int i = 0; i <= length - header.length; i++) {
        if (buffer[i] == header[0] && startsAt(buffer, i, header)) {
          starts.add(at + i);
        }
      }
      if (starts.isEmpty() || starts.getFirst() != 0) {
        return List.of();
      }
      at += length - header.length + 1;
    }
    starts.add(file.size());
    return starts;
  }

  private static boolean startsAt(byte[] buffer, int offset, byte[] header) {
    for (int i = 1; i < header.length; i++) {
      if (buffer[offset + i] != header[i]) {
        return false;
      }
    }
    return true;
  }

  private void compare(List<Long> starts, ExecutorService workers) throws IOException {
    OrderedWindow<Candidate> ahead = new OrderedWindow<>(workers, AHEAD);
    for (int i = 0; i + 1 < starts.size(); i++) {
      long offset = starts.get(i);
      long length = starts.get(i + 1) - offset;
      if (length <= Integer.MAX_VALUE && lengths.contains((int) length)) {
        ahead.submit(1, () -> candidate(offset, (int) length));
        if (!ahead.hasRoom(1)) {
          match(ahead.take());
        }
      }
    }
    while (!ahead.isEmpty()) {
      match(ahead.take());
    }
  }

  private void match(Candidate candidate) {
    if (candidate.digest().isPresent()) {
      // once is enough for each place, wherever it is found first
      List<Long> to = places.remove(new Key(candidate.digest().get(), candidate.length()));
      if (to != null) {
        to.forEach(place -> copies.add(new Copy(candidate.offset(), place, candidate.length())));
      }
    }
  }

  private Candidate candidate(long offset, int length) throws IOException {
    return new Candidate(offset, length, digest(offset, length));
  }

  /** Of the raw bytes; empty if this is no chunk, since the header's bytes may occur anywhere. */
  private Optional<Digest> digest(long offset, int length) throws IOException {
    byte[] chunk = new byte[length];
    read(offset, chunk, length);
    try {
      int raw = ChunkCodec.statedRawLength(chunk, FormatLimits.MAX_CHUNK_BYTES);
      return Optional.of(Digest.of(ChunkCodec.decompress(chunk, 0, length, raw)));
    } catch (CorruptArchiveException e) {
      return Optional.empty();
    }
  }

  private void read(long offset, byte[] into, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, offset + buffer.position()) < 0) {
        throw new EOFException("the file that is there became shorter while it was read");
      }
    }
  }

  private static List<Copy> joined(List<Copy> copies) {
    List<Copy> joined = new ArrayList<>();
    for (Copy copy : copies.stream().sorted(Comparator.comparingLong(Copy::to)).toList()) {
      Copy last = joined.isEmpty() ? new Copy(0, -1, 0) : joined.getLast();
      boolean follows =
          last.to() + last.length() == copy.to() && last.from() + last.length() == copy.from();
      if (follows) {
        joined.removeLast();
        joined.add(new Copy(last.from(), last.to(), last.length() + copy.length()));
      } else {
        joined.add(copy);
      }
    }
    return joined;
  }
}
