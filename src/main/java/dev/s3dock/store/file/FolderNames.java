package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What lies in one folder, as keys in their order; a folder's ends in a slash, since that is where
 * its objects sort: {@code a-b} comes before {@code a/b}. The folder is scanned once per page, for
 * the least keys that are greater than the last one, so memory does not grow with the folder.
 */
final class FolderNames {
  private final Path folder;
  private final String folderKey;
  private final String prefix;
  private final int pageSize;
  private final TreeSet<String> page = new TreeSet<>(ObjectKey.ORDER);
  private String last = "";
  private boolean more = true;

  FolderNames(Path folder, String folderKey, String prefix, int pageSize) {
    this.folder = folder;
    this.folderKey = folderKey;
    this.prefix = prefix;
    this.pageSize = pageSize;
  }

  /** The folder of a key of this one. */
  FolderNames below(String key) {
    String name = key.substring(folderKey.length(), key.length() - 1);
    return new FolderNames(folder.resolve(FileLayout.encode(name)), key, prefix, pageSize);
  }

  /** The next key; empty at the end. */
  Optional<String> next() {
    if (page.isEmpty() && more) {
      more = false;
      scan();
    }
    Optional<String> first = Optional.ofNullable(page.pollFirst());
    last = first.orElse(last);
    return first;
  }

  /** The keys that are left, read as the stream is. */
  Stream<String> rest() {
    return Stream.generate(this::next).takeWhile(Optional::isPresent).flatMap(Optional::stream);
  }

  private void scan() {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        consider(entry);
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      page.clear(); // removed meanwhile, and so is all that was in it
    } catch (DirectoryIteratorException e) {
      throw failed(Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private StoreException failed(IOException e) {
    return FileErrors.translate(e, "list " + prefix, folder);
  }

  private void consider(Path entry) {
    String name = FileLayout.decode(String.valueOf(entry.getFileName())).orElse("");
    String key = folderKey + name;
    if (key.equals(FileLayout.RESERVED) || !ObjectKey.isValid(key)) {
      return;
    }
    if (ObjectKey.ORDER.compare(key + "/", last) <= 0) {
      return; // neither as a file nor as a folder
    }
    if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      String below = key + "/";
      if (below.startsWith(prefix) || prefix.startsWith(below)) {
        keep(below);
      }
    } else if (key.startsWith(prefix) && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
      keep(key);
    }
  }

  private void keep(String key) {
    if (ObjectKey.ORDER.compare(key, last) <= 0) {
      return;
    }
    page.add(key);
    if (page.size() > pageSize) {
      page.pollLast();
      more = true;
    }
  }
}
