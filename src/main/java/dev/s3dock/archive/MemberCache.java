package dev.s3dock.archive;

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
 * Members that were compressed on this machine before, in packs in a folder. The MD5 of an archive
 * wants the bytes of every member after the first difference, also of those that are not sent; from
 * here they come ten times faster than out of a compressor. What is lost or damaged costs time and
 * nothing else. Several processes may use the folder at once.
 *
 * <p>A pack is written whole and never changed. The least recently used ones go when there is more
 * than the limit.
 */
public final class MemberCache implements AutoCloseable {
  private static final String SUFFIX = ".members";

  /** Images may hold what is not for everybody on this machine. */
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Optional<Path> folder;
  private final long limit;
  private final Clock clock;
  private final Map<Digest, MemberPack.Entry> members = new HashMap<>();
  private final List<MemberPack> packs = new ArrayList<>();

  private MemberCache(Optional<Path> folder, long limit, Clock clock) {
    this.folder = folder;
    this.limit = limit;
    this.clock = clock;
  }

  /** A cache that holds nothing and keeps nothing. */
  public static MemberCache none() {
    return new MemberCache(Optional.empty(), 0, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
  }

  /**
   * Opens the members that one kind of compressor has made.
   *
   * @param folder need not exist
   * @param limit of all members in the folder, in bytes
   * @param clock that tells which packs were used last
   */
  public static MemberCache open(Path folder, Compression compression, long limit, Clock clock) {
    Path own = folder.resolve(compression.fingerprint().replace(':', '-'));
    MemberCache cache = new MemberCache(Optional.of(own), limit, clock);
    for (Path file : files(own)) {
      MemberPack.open(file)
          .ifPresent(
              pack -> {
                cache.packs.add(pack);
                pack.entries().forEach(entry -> cache.members.put(entry.digest(), entry));
              });
    }
    return cache;
  }

  /** The packs, the most recently used one first. */
  private static List<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(SUFFIX))
          .sorted(Comparator.comparing(MemberCache::lastUsed).reversed())
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

  /** The member that holds these bytes. */
  Optional<byte[]> find(Digest rawDigest) {
    return Optional.ofNullable(members.get(rawDigest)).flatMap(MemberPack.Entry::read);
  }

  /**
   * Adds members; failing to do so is no failure.
   *
   * @param fresh members, with their places in the spool
   */
  void keep(Spool spool, List<Member> fresh) {
    packs.stream().filter(MemberPack::wasRead).forEach(this::touch);
    long bytes = fresh.stream().mapToLong(Member::length).sum();
    if (folder.isEmpty() || fresh.isEmpty() || bytes > limit) {
      return;
    }
    try {
      Files.createDirectories(folder.get(), OWNER_ALONE);
      Path file = folder.get().resolve(UUID.randomUUID() + SUFFIX);
      Path part = folder.get().resolve(UUID.randomUUID() + ".part");
      try {
        MemberPack.write(part, spool, fresh);
        Files.move(part, file);
      } finally {
        Files.deleteIfExists(part);
      }
      evict(folder.get());
    } catch (IOException e) {
      // a disk that is full, or a folder that is not ours: the next push compresses again
    }
  }

  private void touch(MemberPack pack) {
    try {
      Files.setLastModifiedTime(pack.file(), FileTime.from(clock.instant()));
    } catch (IOException e) {
      // another process has removed it
    }
  }

  private void evict(Path own) throws IOException {
    long total = 0;
    for (Path file : files(own)) {
      total += Files.exists(file) ? Files.size(file) : 0;
      if (total > limit) {
        Files.deleteIfExists(file);
      }
    }
    try (Stream<Path> parts = Files.list(own)) {
      Instant old = clock.instant().minus(MemberPack.ABANDONED);
      for (Path part : parts.filter(file -> file.toString().endsWith(".part")).toList()) {
        if (lastUsed(part).toInstant().isBefore(old)) {
          Files.deleteIfExists(part); // its process was killed
        }
      }
    }
  }

  @Override
  public void close() {
    packs.forEach(MemberPack::close);
  }
}
