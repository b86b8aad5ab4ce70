package dev.s3dock.transfer;

/** Is told how a transfer goes on. */
public interface Progress {
  /** Shows nothing. */
  Progress NONE = (name, totalBytes) -> bytes -> {};

  /**
   * A step begins.
   *
   * @param name for the user, such as {@code upload}
   * @param totalBytes how many there will be, or -1 if that is not known
   */
  Step begin(String name, long totalBytes);

  /** A step that goes on; may be told from several threads. */
  interface Step extends AutoCloseable {
    /** So many bytes more are done. */
    void advance(long bytes);

    /** The step is over, done or not. */
    @Override
    default void close() {}
  }
}
