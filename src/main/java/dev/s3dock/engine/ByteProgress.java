package dev.s3dock.engine;

/** Is told how much of something an engine has taken in. May be told from any one thread. */
public interface ByteProgress {
  /** Shows nothing. */
  ByteProgress NONE = (bytes, total) -> {};

  /**
   * It goes on.
   *
   * @param bytes done by now, of all
   * @param total how many there will be, as far as is known; may grow
   */
  void done(long bytes, long total);
}
