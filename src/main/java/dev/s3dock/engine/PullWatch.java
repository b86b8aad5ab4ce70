package dev.s3dock.engine;

/** Is told how an engine goes on with a pull. May be told from any one thread. */
public interface PullWatch {
  /** Bytes of layers that are unpacked by now; some engines do not tell. */
  void unpacked(long bytes);

  /**
   * The engine has a layer already.
   *
   * @param layer how the hex digits of its digest begin
   */
  void present(String layer);
}
