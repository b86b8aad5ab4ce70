package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Printable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of files inside a tar, brought into one form: no {@code ./}, no escape. */
public final class EntryName {
  private static final Pattern BLOB = Pattern.compile("blobs/sha256/([0-9a-f]{64})");

  private EntryName() {}

  /**
   * The name in its one form.
   *
   * @param source how messages call the archive
   */
  public static String of(String name, String source) throws CorruptArchiveException {
    return resolve(new ArrayDeque<>(), name, name, source);
  }

  /** Where a symbolic link in a file's place points to. */
  public static String ofLink(String linkPath, String target, String source)
      throws CorruptArchiveException {
    Deque<String> folder = new ArrayDeque<>();
    for (String segment : linkPath.split("/")) {
      folder.addLast(segment);
    }
    folder.removeLast();
    return resolve(folder, target, linkPath, source);
  }

  /** What the name of a content-addressed blob promises. */
  static Optional<Digest> promisedDigest(String path) {
    Matcher matcher = BLOB.matcher(path);
    return matcher.matches() ? Optional.of(new Digest(matcher.group(1))) : Optional.empty();
  }

  private static String resolve(Deque<String> folder, String relative, String shown, String source)
      throws CorruptArchiveException {
    boolean escapes = relative.startsWith("/") || relative.indexOf('\\') >= 0;
    for (String segment : relative.split("/")) {
      if (segment.equals("..")) {
        escapes |= folder.pollLast() == null;
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        folder.addLast(segment);
      }
    }
    if (escapes || folder.isEmpty()) {
      throw new CorruptArchiveException(
          "%s: the entry '%s' points outside of the archive"
              .formatted(source, Printable.of(shown)));
    }
    return String.join("/", folder);
  }
}
