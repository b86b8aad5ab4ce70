package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What lies in one folder, as keys in their order; a folder's ends in a slash, since that is where
 * its objects sort: {@code a-b} comes before {@code a/b}. The folder is scanned once per page, for
 * the least keys that are greater than the last one, so memory does not grow with the folder.
 */
final class FolderNames {
  private final FileLayout layout;
  private final String folderKey;
  private final String prefix;
  private final int pageSize;
  private final TreeMap<String, Optional<FileState>> page = new TreeMap<>(ObjectKey.ORDER);
  private String last = "";
  private boolean more = true;

  /**
   * Reads nothing yet.
   *
   * @param folderKey empty for the root, or a key and a slash
   */
  FolderNames(FileLayout layout, String folderKey, String prefix, int pageSize) {
    this.layout = layout;
    this.folderKey = folderKey;
    this.prefix = prefix;
    this.pageSize = pageSize;
  }

  /** The folder of a key of this one. */
  FolderNames below(String key) {
    return new FolderNames(layout, key, prefix, pageSize);
  }

  /**
   * What lies in the folder.
   *
   * @param state of an object; empty for a folder
   */
  record Entry(String key, Optional<FileState> state) {}

  /** The next one; empty at the end. */
  Optional<Entry> next() {
    if (page.isEmpty() && more) {
      more = false;
      scan();
    }
    Map.Entry<String, Optional<FileState>> first = page.pollFirstEntry();
    if (first == null) {
      return Optional.empty();
    }
    last = first.getKey();
    return Optional.of(new Entry(first.getKey(), first.getValue()));
  }

  /** Those that are left, read as the stream is. */
  Stream<Entry> rest() {
    return Stream.generate(this::next).takeWhile(Optional::isPresent).flatMap(Optional::stream);
  }

  private void scan() {
    try {
      Optional<Folder> found =
          layout.openFolder(folderKey.substring(0, Math.max(0, folderKey.length() - 1)));
      if (found.isPresent()) {
        try (Folder folder = found.get()) {
          folder.each(name -> consider(folder, name));
        }
      }
    } catch (NoSuchFileException e) {
      page.clear(); // removed meanwhile, and so is all that was in it
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private StoreException failed(IOException e) {
    return FileErrors.translate(e, "list " + prefix, layout.root());
  }

  private void consider(Folder folder, Path entry) throws IOException {
    String key = folderKey + FileLayout.decode(entry.toString()).orElse("");
    if (key.equals(FileLayout.RESERVED) || !ObjectKey.isValid(key)) {
      return;
    }
    if (ObjectKey.ORDER.compare(key + "/", last) <= 0) {
      return; // neither as a file nor as a folder
    }
    Optional<BasicFileAttributes> found = folder.find(entry);
    if (found.isEmpty()) {
      return;
    }
    if (found.get().isDirectory()) {
      String below = key + "/";
      if (below.startsWith(prefix) || prefix.startsWith(below)) {
        keep(below, Optional.empty());
      }
    } else if (key.startsWith(prefix) && found.get().isRegularFile()) {
      keep(key, Optional.of(FileState.of(found.get())));
    }
  }

  private void keep(String key, Optional<FileState> state) {
    if (ObjectKey.ORDER.compare(key, last) <= 0) {
      return;
    }
    page.put(key, state);
    if (page.size() > pageSize) {
      page.pollLastEntry();
      more = true;
    }
  }
}
