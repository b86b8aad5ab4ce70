package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The objects below a prefix in the order of their keys, read from the folders as it goes. Holds
 * one page of names per level of folders, whatever the size of the store.
 */
final class FileListing implements Iterator<ObjectStat> {
  private final FileLayout layout;
  private final String prefix;
  private final Deque<FolderNames> levels = new ArrayDeque<>();
  private @Nullable ObjectStat next;

  /**
   * Starts at the folder that the prefix names.
   *
   * @param pageSize most names held per folder
   */
  FileListing(FileLayout layout, String prefix, int pageSize) {
    this.layout = layout;
    this.prefix = prefix;
    namesAt(layout, prefix, pageSize).ifPresent(levels::push);
  }

  /** The names in the folder that a prefix points into; empty if there is no such folder. */
  static Optional<FolderNames> namesAt(FileLayout layout, String prefix, int pageSize) {
    String start = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    return folder(layout, start).map(path -> new FolderNames(path, start, prefix, pageSize));
  }

  /** The real folder of a prefix that is empty or ends in a slash. */
  private static Optional<Path> folder(FileLayout layout, String start) {
    if (start.isEmpty()) {
      return Optional.of(layout.root());
    }
    String name = start.substring(0, start.length() - 1);
    if (!ObjectKey.isValid(name) || FileLayout.isReserved(name)) {
      return Optional.empty();
    }
    Path path = layout.folderOf(name);
    try {
      return layout.obstacle(path.resolve("any")).isPresent()
          ? Optional.empty()
          : Optional.of(path);
    } catch (IOException e) {
      throw FileErrors.translate(e, "list " + start, layout.root());
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && !levels.isEmpty()) {
        advance(levels.element());
      }
    } catch (IOException e) {
      throw FileErrors.translate(e, "list " + prefix, layout.root());
    }
    return next != null;
  }

  private void advance(FolderNames level) throws IOException {
    Optional<String> name = level.next();
    if (name.isEmpty()) {
      levels.pop();
    } else if (name.get().endsWith("/")) {
      levels.push(level.below(name.get()));
    } else {
      ObjectKey found = new ObjectKey(name.get());
      next = FileState.of(layout.pathOf(found)).map(state -> state.stat(found)).orElse(null);
    }
  }

  @Override
  public ObjectStat next() {
    ObjectStat found = hasNext() ? next : null;
    if (found == null) {
      throw new NoSuchElementException();
    }
    next = null;
    return found;
  }
}
