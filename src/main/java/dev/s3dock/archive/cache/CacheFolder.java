package dev.s3dock.archive.cache;

import dev.s3dock.image.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a {@link ChunkCache}: one file for each chunk, in a folder that is named after the
 * version of their form. A file appears whole, under its name, or not at all. Neither it nor the
 * folder is used if it is a symbolic link, or belongs to somebody else than the folder around it.
 */
final class CacheFolder {
  /** Of the form of the files; those of another one lie in another folder. */
  private static final String VERSION = "v1";

  private static final Pattern CHUNK = Pattern.compile("[0-9a-f]{64}");
  private static final String PART = ".part";

  /** A file that has not been finished for so long never will be. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** How exact the time of the last use is. */
  private static final Duration EXACT = Duration.ofMinutes(1);

  /** Images may hold what is not for everybody on this machine. */
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path root;
  private final Path folder;
  private volatile @Nullable Object owner;

  /** Does nothing yet; the folder need not exist. */
  CacheFolder(Path root) {
    this.root = root;
    this.folder = root.resolve(VERSION);
  }

  Path path() {
    return root;
  }

  /** A chunk that is kept. */
  record Entry(Path file, long size, Instant used) {}

  /** Why the folder is not used; empty if it is there and can be, or is not there. */
  Optional<String> objection() throws IOException {
    if (Files.exists(root) && !Files.isDirectory(root)) {
      return Optional.of(root + " is no folder; name another one");
    }
    try {
      if (!attributes(folder).isDirectory()) {
        return Optional.of(folder + " is no folder of its own; remove it");
      }
      return owner(folder).equals(owner(root.toRealPath()))
          ? Optional.empty()
          : Optional.of(folder + " belongs to somebody else than the folder around it; remove it");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void create() throws IOException {
    Files.createDirectories(root, OWNER_ALONE);
    try {
      Files.createDirectory(folder, OWNER_ALONE);
    } catch (FileAlreadyExistsException e) {
      // by this process or another one; objection() tells what it is
    }
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Its number; the same for all where a file system knows no owners. */
  private static Object owner(Path file) throws IOException {
    try {
      Map<String, Object> found = Files.readAttributes(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      return Objects.requireNonNull(found.get("uid"));
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return 0;
    }
  }

  private Object ownOwner() throws IOException {
    Object known = owner;
    if (known == null) {
      known = owner(folder);
      owner = known;
    }
    return known;
  }

  private Path file(Digest digest) {
    return folder.resolve(digest.hex());
  }

  /**
   * The chunk; empty if it is not there. One that cannot be used is removed.
   *
   * @throws IOException if it cannot be read
   */
  Optional<byte[]> read(Digest digest, Instant now) throws IOException {
    Path file = file(digest);
    BasicFileAttributes found;
    try {
      found = attributes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Optional<byte[]> chunk =
        found.isRegularFile() && owner(file).equals(ownOwner())
            ? content(file, digest)
            : Optional.empty();
    if (chunk.isEmpty()) {
      remove(digest);
    } else if (found.lastModifiedTime().toInstant().isBefore(now.minus(EXACT))) {
      touch(file, now);
    }
    return chunk;
  }

  private static Optional<byte[]> content(Path file, Digest digest) throws IOException {
    try (FileChannel in =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      return ChunkFile.read(in, digest);
    }
  }

  private static void touch(Path file, Instant now) throws IOException {
    try {
      Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setTimes(FileTime.from(now), null, null);
    } catch (NoSuchFileException e) {
      // another process has removed it
    }
  }

  void write(Digest digest, byte[] source, int offset, int length) throws IOException {
    Path part = folder.resolve(UUID.randomUUID() + PART);
    try {
      try (FileChannel out =
          FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        ChunkFile.write(out, digest, source, offset, length);
      }
      Files.move(part, file(digest), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(part);
      throw e;
    }
  }

  void remove(Digest digest) throws IOException {
    Files.deleteIfExists(file(digest));
  }

  /** All that is kept, in no order. What killed processes have left is removed. */
  List<Entry> entries(Instant now) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (CHUNK.matcher(name).matches() || name.endsWith(PART)) {
          entry(file, name.endsWith(PART), now).ifPresent(entries::add);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw Objects.requireNonNull(e.getCause());
    }
    return entries;
  }

  private static Optional<Entry> entry(Path file, boolean part, Instant now) throws IOException {
    try {
      BasicFileAttributes found = attributes(file);
      Instant used = found.lastModifiedTime().toInstant();
      if (part && used.isBefore(now.minus(ABANDONED))) {
        Files.deleteIfExists(file);
        return Optional.empty();
      }
      return Optional.of(new Entry(file, found.size(), used));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // another process has just removed it
    }
  }

  /** Bytes of the disk that can be used still. */
  long free() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }
}
