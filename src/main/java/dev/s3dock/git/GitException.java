package dev.s3dock.git;

import org.jspecify.annotations.Nullable;

/** Git could not answer. The message names the folder and a remedy. */
public final class GitException extends RuntimeException {
  private final Kind kind;

  /** What went wrong. */
  public enum Kind {
    /** There is no {@code git} program. */
    NO_GIT,
    /** The folder is not in the work tree of a repository. */
    NOT_A_REPOSITORY,
    /** The repository belongs to another user, and git refuses to look at it. */
    UNSAFE,
    /** The repository has no commit yet. */
    NO_COMMITS,
    /** Anything else. */
    FAILED
  }

  GitException(Kind kind, String message) {
    this(kind, message, null);
  }

  GitException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
