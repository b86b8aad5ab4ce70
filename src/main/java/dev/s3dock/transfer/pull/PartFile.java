package dev.s3dock.transfer.pull;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.image.FailureWords;
import dev.s3dock.store.ByteRange;
import dev.s3dock.transfer.Coverage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way, beside the place it is for, and a journal of which of its bytes are there. A
 * later run that wants the same bytes goes on with it, also after {@code kill -9}.
 *
 * <p>The journal, {@code .NAME.s3dock-resume}, is locked while it is used; a second run for the
 * same place at the same time works without one. It names the file with the bytes, {@code
 * .NAME.RANDOM.s3dock-part}: so whoever holds a journal that has just been removed writes to
 * another file than whoever makes the next one. The journal is text: a line of version, one of that
 * name, one that tells which bytes are wanted, and then offset and length of what is there. Neither
 * file is synced before the end, so after a power failure the journal may say too much: what came
 * out of it has to be verified.
 */
final class PartFile implements Closeable {
  private static final String VERSION = "s3dock part 1";

  /** As docker save writes it: an image may hold what is not for everybody on this machine. */
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final int MOST_JOURNAL_BYTES = 4 << 20;

  private final Path target;
  private final String wanted;
  private final long size;
  private final String heading;
  private final @Nullable FileChannel journal; // null for the second run at the same time
  private Path file;
  private final FileChannel channel;
  private Coverage coverage;
  private boolean resumed;
  private boolean kept;

  private PartFile(Path target, String wanted, long size, @Nullable FileChannel journal)
      throws IOException {
    this.target = target;
    this.wanted = wanted;
    this.size = size;
    this.journal = journal;
    this.coverage = new Coverage(size);
    this.file = target;
    List<String> lines = journal == null ? List.of() : lines(journal);
    if (resume(lines)) {
      this.channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      this.heading = String.join("\n", lines.subList(0, 3)) + "\n";
      this.resumed = true;
    } else {
      this.coverage = new Coverage(size);
      String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      this.file = target.resolveSibling(name(random));
      this.heading = "%s\n%s\n%s\n".formatted(VERSION, random, wanted);
      this.channel =
          FileChannel.open(
              file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), OWNER_ALONE);
      startJournal();
    }
  }

  /** Where it cannot be made, nothing can: what was asked for is named then. */
  private static FileChannel openJournal(Path target) throws IOException {
    Path journal = journalOf(target);
    try {
      return FileChannel.open(
          journal,
          StandardOpenOption.CREATE,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);
    } catch (FileSystemException e) {
      if (Files.exists(journal, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
      throw new FileSystemException(
          target.toString(),
          null,
          "cannot be written (%s); name another folder".formatted(FailureWords.of(e)));
    }
  }

  /**
   * Opens what an earlier run has left for these bytes, or an empty file.
   *
   * @param target absolute path of the file that it will be
   * @param wanted one line that is the same if, and only if, the bytes are
   * @param size how many bytes it will have
   */
  static PartFile open(Path target, String wanted, long size) throws IOException {
    FileChannel journal = null;
    FileChannel opened = openJournal(target);
    try {
      journal = lock(opened) ? opened : null;
      return new PartFile(target, wanted, size, journal);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    } finally {
      if (journal == null) {
        opened.close();
      }
    }
  }

  /** Removes what an earlier run may have left for this place, unless another one is at it. */
  static void discard(Path target) throws IOException {
    if (Files.exists(journalOf(target), LinkOption.NOFOLLOW_LINKS)) {
      open(target, "", 1).close();
    }
  }

  private static boolean lock(FileChannel journal) throws IOException {
    try {
      FileLock lock = journal.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another thread of this process
    }
  }

  private static Path journalOf(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".s3dock-resume");
  }

  private String name(String random) {
    return ".%s.%s.s3dock-part".formatted(target.getFileName(), random);
  }

  private static List<String> lines(FileChannel journal) throws IOException {
    if (journal.size() > MOST_JOURNAL_BYTES) {
      return List.of();
    }
    byte[] bytes = Channels.newInputStream(journal.position(0)).readNBytes((int) journal.size());
    String text = new String(bytes, UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList(); // whole lines alone
  }

  /** Takes over what the journal says, if it is about the same bytes. */
  private boolean resume(List<String> lines) throws IOException {
    if (lines.size() < 3 || !lines.get(0).equals(VERSION)) {
      return false;
    }
    String random = lines.get(1);
    if (!random.matches("[0-9a-f]{16}")) {
      return false;
    }
    file = target.resolveSibling(name(random));
    if (!lines.get(2).equals(wanted) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(file);
      return false;
    }
    if (!isMine(file)) {
      return false; // its owner could change what was verified
    }
    long length = Files.size(file);
    for (String line : lines.subList(3, lines.size())) {
      String[] span = line.split(" ");
      try {
        long offset = Long.parseLong(span[0]);
        long bytes = Long.parseLong(span[1]);
        coverage.add(offset, bytes);
        if (offset + bytes > length) {
          throw new IllegalArgumentException("the file ends before " + line);
        }
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        Files.deleteIfExists(file);
        return false;
      }
    }
    return true;
  }

  /** True if the file has the owner that a file of this process has here. */
  private static boolean isMine(Path file) throws IOException {
    Path probe = Files.createTempFile(file.resolveSibling("."), ".s3dock-", ".probe");
    try {
      return Files.getOwner(probe).equals(Files.getOwner(file, LinkOption.NOFOLLOW_LINKS));
    } finally {
      Files.delete(probe);
    }
  }

  private void startJournal() throws IOException {
    if (journal != null) {
      journal.truncate(0);
      append(heading);
    }
  }

  private void append(String text) throws IOException {
    if (journal != null) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      synchronized (this) {
        journal.position(journal.size());
        while (bytes.hasRemaining()) {
          journal.write(bytes);
        }
      }
    }
  }

  /** The file with the bytes. */
  Path file() {
    return file;
  }

  /** How many bytes are there. */
  long bytes() {
    return coverage.bytes();
  }

  /** True if some bytes are of an earlier run. */
  boolean isResumed() {
    return resumed;
  }

  /** See {@link Coverage#missing}. */
  List<ByteRange> missing(long near, long most) {
    return coverage.missing(near, most);
  }

  /** Writes bytes, which are not there for a later run before {@link #done} says so. */
  void write(long offset, ByteBuffer bytes) throws IOException {
    for (long at = offset; bytes.hasRemaining(); ) {
      at += channel.write(bytes, at);
    }
  }

  /** These bytes have been written. */
  void done(long offset, long length) throws IOException {
    coverage.add(offset, length);
    append(offset + " " + length + "\n");
  }

  /** Forgets all bytes. */
  void startOver() throws IOException {
    resumed = false;
    coverage = new Coverage(size);
    channel.truncate(0);
    startJournal();
  }

  /** All bytes are there: to the disk with them. */
  void sync() throws IOException {
    channel.force(true);
  }

  /** Puts the file in its place, over what is there. */
  void moveToTarget() throws IOException {
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Leaves the file and its journal for a later run, if there is anything of use in it. */
  void keep() {
    kept = journal != null && coverage.bytes() > 0;
  }

  /** Removes what is not kept. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
      if (!kept) {
        Files.deleteIfExists(file);
        if (journal != null) {
          Files.deleteIfExists(journalOf(target));
        }
      }
    } finally {
      if (journal != null) {
        journal.close(); // and with it the lock
      }
    }
  }
}
