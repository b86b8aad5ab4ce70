package dev.s3dock.distribution;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A part of a list of names (distribution-spec, "Listing Tags").
 *
 * @param names in order
 * @param next the last name of this page, if more come after it
 */
public record Page(List<String> names, Optional<String> next) {
  /** The order of the specification: case-insensitive; the rest makes it one for all names. */
  public static final Comparator<String> ORDER =
      String.CASE_INSENSITIVE_ORDER.thenComparing(Comparator.naturalOrder());

  private static final Pattern COUNT = Pattern.compile("\\d{1,9}");

  public Page {
    names = List.copyOf(names);
  }

  /**
   * Which part is wanted.
   *
   * @param count at most so many names
   * @param after names that come after this one
   */
  public record Wanted(Optional<Integer> count, Optional<String> after) {
    /**
     * Reads the parameters {@code n} and {@code last}.
     *
     * @throws RefusedException {@link ErrorCode#PAGINATION_NUMBER_INVALID}
     */
    public static Wanted of(Optional<String> n, Optional<String> last) {
      n.filter(text -> !COUNT.matcher(text).matches())
          .ifPresent(
              text -> {
                throw new RefusedException(
                    ErrorCode.PAGINATION_NUMBER_INVALID, "n must be a number from 0 on");
              });
      return new Wanted(n.map(Integer::valueOf), last);
    }
  }

  /** The part of these names, which come in any order. */
  public static Page of(List<String> names, Wanted wanted) {
    List<String> rest =
        names.stream()
            .sorted(ORDER)
            .filter(name -> wanted.after().filter(last -> ORDER.compare(name, last) <= 0).isEmpty())
            .toList();
    int count = Math.min(rest.size(), wanted.count().orElse(Integer.MAX_VALUE));
    List<String> page = rest.subList(0, count);
    return new Page(
        page, count == 0 || count == rest.size() ? Optional.empty() : Optional.of(page.getLast()));
  }
}
