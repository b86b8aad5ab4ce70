package dev.s3dock.git;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When the line of commits that leads to the one checked out last changed each tracked file.
 *
 * <p>Only first parents are followed, and a merge counts with all that it brought: that is a single
 * line, so the answer depends on nothing but the commit, and is cheap to get. What git is told
 * keeps the user's settings from changing it.
 */
final class LastChanges {
  /**
   * Commits that are looked at. A file untouched for longer gets {@link #LONG_AGO}, for good: a
   * date within the range would move with each commit.
   */
  private static final int MAX_COMMITS = 100_000;

  /** The first date that zip can hold. */
  static final Instant LONG_AGO = Instant.parse("1980-01-01T00:00:00Z");

  private static final String COMMIT = "C";
  private static final String ENTRY = ":";

  private final Map<String, Instant> dates = new HashMap<>();
  private final Set<String> sought;

  private LastChanges(Set<String> sought) {
    this.sought = sought;
  }

  /** Dates of the files tracked in this folder, by path relative to it. */
  static Map<String, Instant> in(GitProgram git) {
    return in(git, MAX_COMMITS);
  }

  static Map<String, Instant> in(GitProgram git, int commits) {
    String files = git.run("ls-files", "-z", "--", ".").orThrow().text();
    Set<String> sought = new HashSet<>(List.of(files.split("\0")));
    sought.remove("");
    LastChanges changes = new LastChanges(sought);
    if (!sought.isEmpty()) {
      git.read(log(commits), changes::readFrom);
      sought.forEach(path -> changes.dates.put(path, LONG_AGO));
    }
    return changes.dates;
  }

  private static List<String> log(int commits) {
    return List.of(
        "--no-replace-objects",
        "-c",
        "log.diffMerges=first-parent",
        "-c",
        "log.showRoot=true",
        "log",
        "--max-count=" + commits,
        "--first-parent",
        "-m",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-show-signature",
        "--no-color",
        "--ignore-submodules=none",
        "--relative",
        "--format=" + COMMIT + "%ct",
        "HEAD",
        "--",
        ".");
  }

  /** Reads no further than to the last file's date. */
  private boolean readFrom(InputStream log) throws IOException {
    InputStream in = new BufferedInputStream(log, 1 << 16);
    Instant date = LONG_AGO;
    String token = token(in);
    while (!token.isEmpty() && !sought.isEmpty()) {
      if (token.startsWith(COMMIT)) {
        date = Instant.ofEpochSecond(Long.parseLong(token.substring(COMMIT.length())));
      } else if (token.startsWith(ENTRY)) {
        String path = token(in);
        if (sought.remove(path)) {
          dates.put(path, date);
        }
      } else {
        throw new IOException("git log printed '" + token + "'");
      }
      token = token(in);
    }
    return sought.isEmpty();
  }

  /** The bytes up to the next NUL, without the line break that git puts in front of some. */
  private static String token(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int next = in.read(); next > 0; next = in.read()) {
      bytes.write(next);
    }
    String token = bytes.toString(StandardCharsets.UTF_8);
    return token.startsWith("\n:") ? token.substring(1) : token;
  }
}
