package dev.s3dock.git;

import dev.s3dock.image.CommitStamp;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/**
 * A commit.
 *
 * @param hash all of it: 40 hex digits, or 64 in a repository of the SHA-256 object format
 * @param committedAt the committer date, in the offset that the commit records
 */
public record Commit(String hash, CommitStamp stamp, OffsetDateTime committedAt) {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final int SHORT = 7;

  public Commit {
    if (!HASH.matcher(hash).matches()) {
      throw new IllegalArgumentException("not a commit's hash: " + hash);
    }
  }

  Commit(String hash, OffsetDateTime committedAt) {
    this(hash, CommitStamp.of(committedAt), committedAt);
  }

  /** The first 7 digits, as image references write it. */
  public String shortHash() {
    return hash.substring(0, SHORT);
  }
}
