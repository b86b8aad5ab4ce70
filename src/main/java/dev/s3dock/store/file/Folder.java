package dev.s3dock.store.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder of the store, in which no link is ever followed. {@link HeldFolder} keeps it open, so
 * that what is done in it happens there, whatever is put in the place of its path meanwhile; {@link
 * NamedFolder} serves where Java cannot do that. Names are single ones, without a separator.
 *
 * <p>Closing it closes the folders that it was reached through.
 */
abstract sealed class Folder implements Closeable permits HeldFolder, NamedFolder {
  private final Path path;
  private final @Nullable Folder parent;

  Folder(Path path, @Nullable Folder parent) {
    this.path = path;
    this.parent = parent;
  }

  /**
   * Opens the root of a store, which is trusted to be where its path says.
   *
   * @param held false to work by path in any case
   */
  @SuppressWarnings("StreamResourceLeak") // the folder owns it
  static Folder open(Path root, boolean held) throws IOException {
    DirectoryStream<Path> stream = Files.newDirectoryStream(root);
    if (held && stream instanceof SecureDirectoryStream<Path> secure) {
      return new HeldFolder(root, root, null, secure);
    }
    stream.close();
    return new NamedFolder(root, null);
  }

  /** Where it was when it was opened, for messages. */
  Path path() {
    return path;
  }

  /** The folder that this one was reached through; null for the root. */
  final @Nullable Folder parent() {
    return parent;
  }

  /** Opens a folder that is known to be one; {@link NoSuchFileException} if it is gone. */
  abstract Folder enter(Path name) throws IOException;

  /** Makes a folder, if there is none. */
  abstract void makeFolder(Path name) throws IOException;

  /** Opens a file, which is no link; what is none of these options is not done. */
  abstract FileChannel open(Path name, Set<StandardOpenOption> options) throws IOException;

  /** What there is, a link being one itself. */
  abstract BasicFileAttributes attributes(Path name) throws IOException;

  /** Gives a file a time of modification. */
  abstract void setModified(Path name, FileTime time) throws IOException;

  /** Renames a file, over what is there. */
  abstract void move(Path name, Folder to, Path newName) throws IOException;

  /** Removes a file or a link. */
  abstract void deleteFile(Path name) throws IOException;

  /** Removes a folder; {@link DirectoryNotEmptyException} if something is in it. */
  abstract void deleteFolder(Path name) throws IOException;

  /** What is in it; the caller closes the stream. */
  abstract DirectoryStream<Path> entries() throws IOException;

  /** Makes its entries outlast a power failure. */
  abstract void sync() throws IOException;

  /**
   * The folder of this name, reached through this one; empty if there is none.
   *
   * @throws NotDirectoryException if it is something else, such as a link
   */
  final Optional<Folder> child(Path name) throws IOException {
    Optional<BasicFileAttributes> found = find(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    if (!found.get().isDirectory()) {
      throw new NotDirectoryException(path.resolve(name).toString());
    }
    try {
      return Optional.of(enter(name));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The folder of this name, which is made if there is none. */
  final Folder make(Path name) throws IOException {
    Optional<Folder> found = child(name);
    if (found.isPresent()) {
      return found.get();
    }
    makeFolder(name);
    sync();
    return child(name).orElseThrow(() -> new NoSuchFileException(path.resolve(name).toString()));
  }

  /** As {@link #attributes}; empty if there is nothing. */
  final Optional<BasicFileAttributes> find(Path name) throws IOException {
    try {
      return Optional.of(attributes(name));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Does something with each name in it, in no particular order. */
  final void each(Visit visit) throws IOException {
    try (DirectoryStream<Path> entries = entries()) {
      for (Path entry : entries) {
        visit.of(Objects.requireNonNull(entry.getFileName()));
      }
    } catch (DirectoryIteratorException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  /** What is done with a name. */
  @FunctionalInterface
  interface Visit {
    void of(Path name) throws IOException;
  }

  @Override
  public void close() throws IOException {
    if (parent != null) {
      parent.close();
    }
  }

  /** Options, and that links are not followed. */
  static Set<OpenOption> noLinks(Set<StandardOpenOption> options) {
    Set<OpenOption> all = new HashSet<>(options);
    all.add(LinkOption.NOFOLLOW_LINKS);
    return all;
  }
}
