package dev.s3dock.git;

import java.util.Locale;

/**
 * One way in which the work tree differs from its commit.
 *
 * @param path relative to the repository's root, with {@code /}
 */
public record Change(Kind kind, String path) {
  /** How a path differs. */
  public enum Kind {
    /** The index differs from the commit. */
    STAGED,
    /** The file differs from the index. */
    MODIFIED,
    /** The file is missing. */
    DELETED,
    /** Git neither tracks nor ignores the file. */
    UNTRACKED,
    /** A merge left the file with a conflict. */
    CONFLICTED,
    /** A submodule is at another commit, or is itself not clean. */
    SUBMODULE
  }

  /** As a message lists it: {@code untracked: notes.txt}. */
  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + ": " + path;
  }
}
