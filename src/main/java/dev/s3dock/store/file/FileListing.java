package dev.s3dock.store.file;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
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
  private final Deque<FolderNames> levels = new ArrayDeque<>();
  private @Nullable ObjectStat next;

  /**
   * Starts at the folder that the prefix names.
   *
   * @param pageSize most names held per folder
   */
  FileListing(FileLayout layout, String prefix, int pageSize) {
    namesAt(layout, prefix, pageSize).ifPresent(levels::push);
  }

  /** The names in the folder that a prefix points into; empty if there can be no such folder. */
  static Optional<FolderNames> namesAt(FileLayout layout, String prefix, int pageSize) {
    String start = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    String name = start.substring(0, Math.max(0, start.length() - 1));
    boolean exists = name.isEmpty() || (ObjectKey.isValid(name) && !FileLayout.isReserved(name));
    return exists
        ? Optional.of(new FolderNames(layout, start, prefix, pageSize))
        : Optional.empty();
  }

  @Override
  public boolean hasNext() {
    while (next == null && !levels.isEmpty()) {
      advance(levels.element());
    }
    return next != null;
  }

  private void advance(FolderNames level) {
    Optional<FolderNames.Entry> found = level.next();
    if (found.isEmpty()) {
      levels.pop();
      return;
    }
    FolderNames.Entry entry = found.get();
    if (entry.state().isEmpty()) {
      levels.push(level.below(entry.key()));
    } else {
      next = entry.state().get().stat(new ObjectKey(entry.key()));
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
