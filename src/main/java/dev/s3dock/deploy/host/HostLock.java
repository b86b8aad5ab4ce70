package dev.s3dock.deploy.host;

import dev.s3dock.deploy.service.Deadline;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.deploy.service.Waiting;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * At most one deployment of a service at a time on this host. It is a lock of the operating system
 * on a file, so it ends with the process, however that ends. The file says who holds it.
 */
public final class HostLock implements AutoCloseable {
  private static final Duration BETWEEN = Duration.ofMillis(200);
  private static final int MAX_HOLDER = 500;

  private final FileChannel channel;
  private final FileLock lock;

  /**
   * Where the locks of this host are, and who takes them.
   *
   * @param folder that all users of the host share, such as {@code /run/lock}
   * @param holder who we are, told to those who wait
   */
  public record Locks(Path folder, String holder) {}

  private HostLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock, and waits for whoever holds it.
   *
   * @throws DeployException {@code LOCKED} with the holder, if it is held until the deadline
   */
  public static HostLock take(
      Locks locks, Service service, Deadline deadline, DeployProgress progress)
      throws InterruptedException {
    Path file =
        locks.folder().resolve("s3dock-%s@%s.lock".formatted(service.app(), service.environment()));
    FileChannel channel = null;
    try {
      channel = open(file);
      HostLock lock = new HostLock(channel, await(channel, service, deadline, progress));
      write(channel, locks.holder());
      channel = null; // the lock's now
      return lock;
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("the lock file %s: %s".formatted(file, FailureWords.of(e)), e));
    } finally {
      close(channel);
    }
  }

  private static FileLock await(
      FileChannel channel, Service service, Deadline deadline, DeployProgress progress)
      throws IOException, InterruptedException {
    boolean told = false;
    Waiting waiting = new Waiting(progress, "waiting for another deployment", deadline);
    while (true) {
      FileLock lock = tryLock(channel);
      if (lock != null) {
        return lock;
      }
      String other = Printable.of(read(channel));
      if (deadline.isOver()) {
        throw new DeployException(
            DeployException.Kind.LOCKED,
            "%s is being deployed by %s; wait until that ends, or stop that process"
                .formatted(service, other));
      }
      if (!told) {
        progress.note("waiting for %s, which deploys %s".formatted(other, service));
        told = true;
      }
      waiting.goesOn(Optional.empty());
      deadline.pause(BETWEEN);
    }
  }

  /**
   * Everyone on this host may deploy, so everyone may use the file. One that is there is opened as
   * it is: Linux may forbid to create over another user's file in a folder such as {@code /tmp}.
   */
  private static FileChannel open(Path file) throws IOException {
    try {
      FileChannel channel = FileChannel.open(file, options(StandardOpenOption.CREATE_NEW));
      Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setPermissions(PosixFilePermissions.fromString("rw-rw-rw-"));
      return channel;
    } catch (FileAlreadyExistsException e) {
      requireOwnName(file);
      return FileChannel.open(file, options());
    }
  }

  /**
   * Others may write in the folder, and what is locked is written: a file that has another name
   * too, which somebody may have linked here, is left alone, and so are pipes and devices.
   */
  private static void requireOwnName(Path file) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(file, "unix:nlink,isRegularFile", LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(found.get("isRegularFile"))
        || !Integer.valueOf(1).equals(found.get("nlink"))) {
      throw new IOException("it is no file of its own; remove it");
    }
  }

  private static Set<OpenOption> options(OpenOption... more) {
    Set<OpenOption> options = new HashSet<>(List.of(more));
    options.addAll(
        List.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    return options;
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another thread of this process counts as another process. */
  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void write(FileChannel channel, String holder) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_HOLDER);
    channel.read(bytes, 0);
    String holder = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    return holder.isEmpty() ? "a process that has just started" : holder;
  }

  @Override
  public void close() {
    try (channel) {
      lock.release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
