package dev.s3dock.engine;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Dates of a build's files that follow from the commit alone, so that every clone sends the same.
 *
 * @param commit date of the commit that is built, and of every file that no other date is known of
 * @param files dates by path relative to the context, with {@code /}. The date of a folder is also
 *     that of all below it: so a submodule has one
 */
public record SourceDates(Instant commit, Map<String, Instant> files) {
  /**
   * Date of every folder: that of its newest file would change the headers of all the folders above
   * a file with it.
   */
  public static final Instant FOLDERS = Instant.parse("1980-01-01T00:00:00Z");

  public SourceDates {
    files = Map.copyOf(files);
  }

  /** One date for all. */
  public static SourceDates of(Instant commit) {
    return new SourceDates(commit, Map.of());
  }

  /** Date of a file or link. */
  public Instant of(String path) {
    @Nullable Instant date = files.get(path);
    for (int end = path.lastIndexOf('/'); date == null && end > 0; ) {
      date = files.get(path.substring(0, end));
      end = path.lastIndexOf('/', end - 1);
    }
    return date == null ? commit : date;
  }
}
