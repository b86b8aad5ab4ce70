package dev.s3dock.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
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
import java.nio.file.attribute.FileTime;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder by its path, for systems on which Java cannot keep one open: a folder that is swapped
 * for a link between the check and the use is followed there.
 */
final class NamedFolder extends Folder {
  NamedFolder(Path path, @Nullable Folder parent) {
    super(path, parent);
  }

  private Path at(Path name) {
    return path().resolve(name);
  }

  @Override
  Folder enter(Path name) {
    return new NamedFolder(at(name), this);
  }

  @Override
  void makeFolder(Path name) throws IOException {
    try {
      Files.createDirectory(at(name));
    } catch (FileAlreadyExistsException e) {
      // by another process
    }
  }

  @Override
  FileChannel open(Path name, Set<StandardOpenOption> options) throws IOException {
    return FileChannel.open(at(name), noLinks(options));
  }

  @Override
  BasicFileAttributes attributes(Path name) throws IOException {
    return Files.readAttributes(at(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  void setModified(Path name, FileTime time) throws IOException {
    Files.getFileAttributeView(at(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .setTimes(time, null, null);
  }

  @Override
  void move(Path name, Folder to, Path newName) throws IOException {
    Files.move(at(name), to.path().resolve(newName), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  void deleteFile(Path name) throws IOException {
    Files.delete(at(name));
  }

  @Override
  void deleteFolder(Path name) throws IOException {
    Files.delete(at(name));
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // the caller closes it
  DirectoryStream<Path> entries() throws IOException {
    return Files.newDirectoryStream(path());
  }

  @Override
  void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      // it was removed meanwhile
    }
  }
}
