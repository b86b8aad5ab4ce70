package dev.s3dock.image;

/** So many of a thing, as people write it. */
public final class Counted {
  private Counted() {}

  /** {@code 1 image}, {@code 2 images}. */
  public static String of(long count, String one) {
    return of(count, one, one + "s");
  }

  /** {@code 1 entry}, {@code 2 entries}. */
  public static String of(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }
}
