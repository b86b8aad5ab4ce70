package dev.s3dock.archive.write;

import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Chunks that were compressed on this machine before, in packs in a folder. The MD5 of an archive
 * wants the bytes of every chunk after the first difference, also of those that are not sent; from
 * here they come ten times faster than out of a compressor. What is lost or damaged costs time and
 * nothing else. Several processes may use the folder at once.
 *
 * <p>A pack is written whole and never changed. The least recently used ones go when there is more
 * than the limit.
 */
public final class ChunkCache implements AutoCloseable {
  private static final String SUFFIX = ".members";

  /** Images may hold what is not for everybody on this machine. */
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Optional<Path> folder;
  private final long limit;
  private final Clock clock;
  private final Map<Digest, ChunkPack.Entry> chunks = new HashMap<>();
  private final List<ChunkPack> packs = new ArrayList<>();

  private ChunkCache(Optional<Path> folder, long limit, Clock clock) {
    this.folder = folder;
    this.limit = limit;
    this.clock = clock;
  }

  /** A cache that holds nothing and keeps nothing. */
  public static ChunkCache none() {
    return new ChunkCache(Optional.empty(), 0, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
  }

  /**
   * Opens the chunks that one kind of compressor has made.
   *
   * @param folder need not exist
   * @param limit of all chunks in the folder, in bytes
   * @param clock that tells which packs were used last
   */
  public static ChunkCache open(Path folder, Compression compression, long limit, Clock clock) {
    Path own = folder.resolve(ChunkCodec.fingerprint(compression).replace(':', '-'));
    ChunkCache cache = new ChunkCache(Optional.of(own), limit, clock);
    for (Path file : files(own)) {
      ChunkPack.open(file)
          .ifPresent(
              pack -> {
                cache.packs.add(pack);
                pack.entries().forEach(entry -> cache.chunks.put(entry.digest(), entry));
              });
    }
    return cache;
  }

  private record Used(Path file, FileTime at) {}

  /**
   * The packs, the most recently used one first. Their times are read once: other processes change
   * them meanwhile.
   */
  private static List<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(SUFFIX))
          .map(file -> new Used(file, lastUsed(file)))
          .sorted(Comparator.comparing(Used::at).reversed())
          .map(Used::file)
          .toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static FileTime lastUsed(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0); // another process has just removed it
    }
  }

  /** The chunk that holds these bytes. */
  Optional<byte[]> find(Digest rawDigest) {
    return Optional.ofNullable(chunks.get(rawDigest)).flatMap(ChunkPack.Entry::read);
  }

  /**
   * Adds chunks; failing to do so is no failure.
   *
   * @param fresh chunks, with their places in the spool
   */
  void keep(Spool spool, List<Chunk> fresh) {
    packs.stream().filter(ChunkPack::wasRead).forEach(this::touch);
    long bytes = fresh.stream().mapToLong(Chunk::length).sum();
    if (folder.isEmpty() || fresh.isEmpty() || bytes > limit) {
      return;
    }
    try {
      Files.createDirectories(folder.get(), OWNER_ALONE);
      Path file = folder.get().resolve(UUID.randomUUID() + SUFFIX);
      Path part = folder.get().resolve(UUID.randomUUID() + ".part");
      try {
        ChunkPack.write(part, spool, fresh);
        Files.move(part, file);
      } finally {
        Files.deleteIfExists(part);
      }
      evict(folder.get());
    } catch (IOException e) {
      // a disk that is full, or a folder that is not ours: the next push compresses again
    }
  }

  private void touch(ChunkPack pack) {
    try {
      Files.setLastModifiedTime(pack.file(), FileTime.from(clock.instant()));
    } catch (IOException e) {
      // another process has removed it
    }
  }

  private void evict(Path own) throws IOException {
    long total = 0;
    for (Path file : files(own)) {
      total += size(file);
      if (total > limit) {
        Files.deleteIfExists(file);
      }
    }
    try (Stream<Path> parts = Files.list(own)) {
      Instant old = clock.instant().minus(ChunkPack.ABANDONED);
      for (Path part : parts.filter(file -> file.toString().endsWith(".part")).toList()) {
        if (lastUsed(part).toInstant().isBefore(old)) {
          Files.deleteIfExists(part); // its process was killed
        }
      }
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // another process has just removed it
    }
  }

  @Override
  public void close() {
    packs.forEach(ChunkPack::close);
  }
}
