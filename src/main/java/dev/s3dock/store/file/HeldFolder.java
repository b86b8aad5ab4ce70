package dev.s3dock.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A folder that is kept open, and all that is done in it is done relative to that. */
final class HeldFolder extends Folder {
  /** Begins the name of a folder that is on its way to its place. */
  static final String NEW = FileLayout.RESERVED + "-new-";

  /** Each fails only if another's folder came and went meanwhile, or for good. */
  private static final int MOST_MOVES = 50;

  private static final Path SELF = Path.of(".");

  private final Path root;
  private final SecureDirectoryStream<Path> stream;

  HeldFolder(Path root, Path path, @Nullable Folder parent, SecureDirectoryStream<Path> stream) {
    super(path, parent);
    this.root = root;
    this.stream = stream;
  }

  @Override
  Folder enter(Path name) throws IOException {
    return new HeldFolder(
        root,
        path().resolve(name),
        this,
        stream.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Java cannot make a folder in an open one. So it is made in the root, where no link is on the
   * way, and renamed to its place. Others may make the same, and remove it again.
   */
  @Override
  void makeFolder(Path name) throws IOException {
    Path fresh = Path.of(NEW + UUID.randomUUID());
    try (Folder top = open(root, true)) {
      Files.createDirectory(root.resolve(fresh));
      if (!moves(top, fresh, name)) {
        top.deleteFolder(fresh);
      }
    }
  }

  /** False if somebody else has made it, and it is there. */
  private boolean moves(Folder top, Path fresh, Path name) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        top.move(fresh, this, name);
        return true;
      } catch (FileSystemException e) {
        if (find(name).isPresent()) {
          return false;
        }
        if (attempt == MOST_MOVES) {
          top.deleteFolder(fresh);
          throw e;
        }
      }
    }
  }

  @Override
  FileChannel open(Path name, Set<StandardOpenOption> options) throws IOException {
    SeekableByteChannel channel = stream.newByteChannel(name, noLinks(options));
    if (channel instanceof FileChannel file) {
      return file;
    }
    channel.close();
    throw new FileSystemException(path().resolve(name).toString(), null, "it cannot be locked");
  }

  private BasicFileAttributeView view(Path name) {
    return stream.getFileAttributeView(
        name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  BasicFileAttributes attributes(Path name) throws IOException {
    return view(name).readAttributes();
  }

  @Override
  void setModified(Path name, FileTime time) throws IOException {
    view(name).setTimes(time, null, null);
  }

  @Override
  void move(Path name, Folder to, Path newName) throws IOException {
    if (!(to instanceof HeldFolder held)) {
      throw new IllegalArgumentException("two kinds of folders");
    }
    stream.move(name, held.stream, newName);
  }

  @Override
  void deleteFile(Path name) throws IOException {
    stream.deleteFile(name);
  }

  @Override
  void deleteFolder(Path name) throws IOException {
    stream.deleteDirectory(name);
  }

  @Override
  DirectoryStream<Path> entries() throws IOException {
    return stream.newDirectoryStream(SELF, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  void sync() throws IOException {
    try (FileChannel channel = open(SELF, Set.of(StandardOpenOption.READ))) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      // it was removed meanwhile
    }
  }

  @Override
  public void close() throws IOException {
    try (stream) {
      super.close();
    }
  }
}
