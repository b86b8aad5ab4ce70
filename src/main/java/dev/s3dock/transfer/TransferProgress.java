package dev.s3dock.transfer;

/** Is told how a transfer goes on. */
public interface TransferProgress {
  /** Shows nothing. */
  TransferProgress NONE = (name, totalBytes) -> bytes -> {};

  /**
   * A step begins.
   *
   * @param name for the user, such as {@code upload}
   * @param totalBytes how many there will be, or -1 if that is not known
   */
  Step begin(String name, long totalBytes);

  /** Tells what a user should know, and need not act upon. */
  default void note(String text) {}

  /** Tells what the user should do something about, if not now. */
  default void warn(String text) {
    note(text);
  }

  /** Tells what is only of interest to somebody who wants to see everything. */
  default void detail(String text) {}

  /** A step that goes on; may be told from several threads. */
  interface Step extends AutoCloseable {
    /** So many bytes more are done. */
    void advance(long bytes);

    /** So many bytes need not be moved, since they are there already. */
    default void saved(long bytes) {}

    /** The step is over, done or not. */
    @Override
    default void close() {}
  }
}
