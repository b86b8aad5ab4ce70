package dev.s3dock.git;

import dev.s3dock.git.Change.Kind;
import dev.s3dock.image.Printable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;

/** Reads {@code git status --porcelain=v2 -z} (git-status(1), "Porcelain Format Version 2"). */
final class StatusParser {
  // Fields before the path, the type's own one included: see the format's three kinds of entry.
  private static final int ORDINARY_FIELDS = 8;
  private static final int RENAMED_FIELDS = 9;
  private static final int UNMERGED_FIELDS = 10;

  private static final Pattern TRACKED = Pattern.compile("[12] .. ....");

  private StatusParser() {}

  static List<Change> parse(String status) {
    List<Change> changes = new ArrayList<>();
    Iterator<String> entries = List.of(status.split("\0")).iterator();
    while (entries.hasNext()) {
      String entry = entries.next();
      if (entry.isEmpty() || entry.startsWith("#")) {
        continue;
      }
      switch (entry.charAt(0)) {
        case '1' -> tracked(entry, ORDINARY_FIELDS, changes);
        case '2' -> {
          tracked(entry, RENAMED_FIELDS, changes);
          if (!entries.hasNext()) {
            throw unknown(entry);
          }
          entries.next(); // where it was before
        }
        case 'u' -> changes.add(new Change(Kind.CONFLICTED, path(entry, UNMERGED_FIELDS)));
        case '?' -> changes.add(new Change(Kind.UNTRACKED, folderless(entry)));
        default -> throw unknown(entry);
      }
    }
    return List.copyOf(changes);
  }

  private static void tracked(String entry, int fields, List<Change> changes) {
    String path = path(entry, fields);
    if (!TRACKED.matcher(entry).lookingAt()) {
      throw unknown(entry);
    }
    char index = entry.charAt(2);
    char workTree = entry.charAt(3);
    if (entry.charAt(5) == 'S') {
      changes.add(new Change(Kind.SUBMODULE, path));
      return;
    }
    if (index != '.') {
      changes.add(new Change(Kind.STAGED, path));
    }
    if (workTree != '.') {
      changes.add(new Change(workTree == 'D' ? Kind.DELETED : Kind.MODIFIED, path));
    }
  }

  private static String path(String entry, int fields) {
    String[] parts = entry.split(" ", fields + 1);
    if (parts.length <= fields || parts[fields].isEmpty()) {
      throw unknown(entry);
    }
    return parts[fields];
  }

  private static String folderless(String entry) {
    String path = path(entry, 1);
    if (path.equals("/")) {
      throw unknown(entry);
    }
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static GitException unknown(String entry) {
    return new GitException(
        GitException.Kind.FAILED,
        "git status printed a line that s3dock does not understand: " + Printable.of(entry));
  }
}
