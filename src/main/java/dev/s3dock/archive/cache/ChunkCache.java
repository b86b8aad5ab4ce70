package dev.s3dock.archive.cache;

import dev.s3dock.archive.cache.CacheFolder.Entry;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compressed chunks in a folder, found by the SHA-256 of what they hold. Nothing here fails: what
 * cannot be kept or read is not there. For several threads, and several processes at once.
 *
 * <p>What is read has the CRC-32C that it was kept with. Whether it is the right chunk, its user
 * has to see, and to {@link #remove} it if it is not.
 *
 * <p>The least recently used chunks go when there is more than the limit; the folder is looked
 * through once, and again each time that a sixteenth of the limit was added. What was used in the
 * last ten minutes stays, so that an image which is larger than the cache does not push itself out:
 * then nothing is added for a while.
 */
public final class ChunkCache {
  private static final Duration RECENT = Duration.ofMinutes(10);
  private static final Duration PAUSE = Duration.ofMinutes(1);

  /** Of the limit: free after the least recently used have gone. */
  private static final int SLACK = 8;

  private final @Nullable CacheFolder folder;
  private final Limit limit;
  private final Clock clock;
  private final Consumer<String> warnings;
  private final Claims claims = new Claims();
  private boolean created;
  private boolean warned;
  private boolean unusable;
  private long room;
  private volatile Instant pausedUntil = Instant.MIN;

  /**
   * How much is kept.
   *
   * @param bytes at the most, of all chunks in the folder
   * @param part of the space that would be free without the cache, in fractions: 4 for a quarter at
   *     the most; 1 for all of it
   */
  public record Limit(long bytes, int part) {
    /** So many bytes, whatever is free. */
    public static Limit of(long bytes) {
      return new Limit(bytes, 1);
    }

    long now(long used, long free) {
      return Math.min(bytes, (used + free) / part);
    }
  }

  /** What is in a folder. */
  public record Usage(long chunks, long bytes) {}

  private ChunkCache(
      @Nullable CacheFolder folder, Limit limit, Clock clock, Consumer<String> warnings) {
    this.folder = folder;
    this.limit = limit;
    this.clock = clock;
    this.warnings = warnings;
  }

  /** A cache that holds nothing and keeps nothing. */
  public static ChunkCache none() {
    return new ChunkCache(
        null, Limit.of(0), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), text -> {});
  }

  /**
   * Opens a cache.
   *
   * @param folder need not exist; the caller has made sure that nobody else can write in it
   * @param clock that tells which chunks were used last
   * @param warnings is told once, at the most, why nothing is kept
   */
  public static ChunkCache open(Path folder, Limit limit, Clock clock, Consumer<String> warnings) {
    if (limit.bytes() <= 0) {
      return none();
    }
    CacheFolder at = new CacheFolder(folder);
    ChunkCache cache = new ChunkCache(at, limit, clock, warnings);
    cache.look(at);
    return cache;
  }

  private synchronized void look(CacheFolder at) {
    try {
      Optional<String> objection = at.objection();
      if (objection.isPresent()) {
        unusable = true;
        warn("the cache %s is not used: %s".formatted(at.path(), objection.get()));
      }
    } catch (IOException e) {
      unusable = true;
      warn("the cache %s is not used (%s)".formatted(at.path(), FailureWords.of(e)));
    }
  }

  private synchronized void warn(String text) {
    if (!warned) {
      warned = true;
      warnings.accept(text);
    }
  }

  private @Nullable CacheFolder usable() {
    synchronized (this) {
      return unusable ? null : folder;
    }
  }

  /** False if nothing can be in it, nor be kept. */
  public boolean isUsed() {
    return usable() != null;
  }

  /** True if nothing is kept at the moment. */
  public boolean isPaused() {
    return clock.instant().isBefore(pausedUntil);
  }

  /** The chunk that holds these bytes, compressed, as it was kept. */
  public Optional<byte[]> find(Digest rawDigest) {
    CacheFolder at = usable();
    if (at == null) {
      return Optional.empty();
    }
    try {
      return at.read(rawDigest, clock.instant());
    } catch (IOException e) {
      return Optional.empty(); // it may be whole, and this thread interrupted
    }
  }

  /**
   * Keeps a chunk, in place of one that holds the same.
   *
   * @param rawDigest of what it holds, decompressed
   * @param source has the chunk's bytes
   */
  public void keep(Digest rawDigest, byte[] source, int offset, int length) {
    CacheFolder at = usable();
    if (at == null || isPaused()) {
      return;
    }
    try {
      if (hasRoom(at, length + ChunkFile.HEADER_BYTES)) {
        at.write(rawDigest, source, offset, length);
      }
    } catch (ClosedByInterruptException e) {
      // whoever has interrupted this thread wants no chunk
    } catch (IOException e) {
      pausedUntil = clock.instant().plus(PAUSE);
      warn(
          "the cache %s takes nothing (%s); going on without it"
              .formatted(at.path(), FailureWords.of(e)));
    }
  }

  /** Removes a chunk that has turned out to be another one. */
  public void remove(Digest rawDigest) {
    CacheFolder at = usable();
    try {
      if (at != null) {
        at.remove(rawDigest);
      }
    } catch (IOException e) {
      // its next user finds out again
    }
  }

  /** Takes it on to bring those of the chunks that nobody else brings at the moment. */
  public Claim claim(Collection<Digest> chunks) {
    return claims.take(chunks);
  }

  private synchronized boolean hasRoom(CacheFolder at, long bytes) throws IOException {
    if (!created) {
      at.create();
      created = true;
      look(at);
    }
    if (unusable) {
      return false;
    }
    if (room < bytes) {
      room = makeRoom(at, bytes);
    }
    if (room < bytes) {
      pausedUntil = clock.instant().plus(PAUSE);
      return false;
    }
    room -= bytes;
    return true;
  }

  /** Looks through the folder, and says how much may be added before that is done again. */
  private long makeRoom(CacheFolder at, long wanted) throws IOException {
    Instant now = clock.instant();
    List<Entry> entries = at.entries(now);
    long total = entries.stream().mapToLong(Entry::size).sum();
    long most = limit.now(total, at.free());
    long slack = most / SLACK;
    if (most - total < Math.max(slack / 2, wanted)) {
      total = evict(entries, total, most - Math.max(slack, wanted), now);
    }
    return Math.min(most - total, Math.max(slack / 2, wanted));
  }

  private static long evict(List<Entry> entries, long total, long target, Instant now)
      throws IOException {
    long left = total;
    for (Entry entry : entries.stream().sorted(Comparator.comparing(Entry::used)).toList()) {
      if (left <= target || !entry.used().isBefore(now.minus(RECENT))) {
        break;
      }
      Files.deleteIfExists(entry.file());
      left -= entry.size();
    }
    return left;
  }

  /**
   * What is in it.
   *
   * @throws IOException if that cannot be seen
   */
  public Usage usage() throws IOException {
    CacheFolder at = usable();
    return at == null ? new Usage(0, 0) : usage(at.entries(clock.instant()));
  }

  /**
   * What was not used since then.
   *
   * @throws IOException if that cannot be seen
   */
  public Usage unused(Instant since) throws IOException {
    CacheFolder at = usable();
    return at == null ? new Usage(0, 0) : usage(unused(at, since));
  }

  private List<Entry> unused(CacheFolder at, Instant since) throws IOException {
    return at.entries(clock.instant()).stream()
        .filter(entry -> entry.used().isBefore(since))
        .toList();
  }

  private static Usage usage(List<Entry> entries) {
    return new Usage(entries.size(), entries.stream().mapToLong(Entry::size).sum());
  }

  /**
   * Removes what was not used since then. A process that uses it meanwhile fetches again.
   *
   * @return what that was
   */
  public Usage removeUnused(Instant since) throws IOException {
    CacheFolder at = usable();
    if (at == null) {
      return new Usage(0, 0);
    }
    List<Entry> entries = unused(at, since);
    for (Entry entry : entries) {
      Files.deleteIfExists(entry.file());
    }
    return usage(entries);
  }
}
