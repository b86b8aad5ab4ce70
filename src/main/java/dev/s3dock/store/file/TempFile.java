package dev.s3dock.store.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/** A file that is being written; closing it removes it, unless it was moved to its place. */
final class TempFile implements Closeable {
  private final Folder folder;
  private final Path name;
  private final FileChannel channel;

  TempFile(Folder folder, Path name, FileChannel channel) {
    this.folder = folder;
    this.name = name;
    this.channel = channel;
  }

  /** For reading and writing; it is closed with the file. */
  FileChannel channel() {
    return channel;
  }

  /** What it is now. */
  FileState state() throws IOException {
    return FileState.of(folder, name)
        .orElseThrow(() -> new NoSuchFileException(folder.path().resolve(name).toString()));
  }

  void setModified(FileTime time) throws IOException {
    folder.setModified(name, time);
  }

  /** True if it is still where it was made. */
  boolean exists() throws IOException {
    return folder.find(name).isPresent();
  }

  /** Makes bytes and times outlast a power failure. */
  void sync() throws IOException {
    channel.force(true);
  }

  /** Renames it, over what is there. */
  void moveTo(Folder place, Path newName) throws IOException {
    folder.move(name, place, newName);
  }

  @Override
  public void close() throws IOException {
    try (folder;
        channel) {
      Optional<?> left = folder.find(name);
      if (left.isPresent()) {
        folder.deleteFile(name);
      }
    } catch (NoSuchFileException e) {
      // it is gone
    }
  }
}
