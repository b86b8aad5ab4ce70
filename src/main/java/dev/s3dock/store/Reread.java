package dev.s3dock.store;

/** What became of an object of which one state is known. */
public sealed interface Reread {
  /** It is still in that state. */
  record Same() implements Reread {}

  /** It has another state. */
  record Other(StoredObject object) implements Reread {}

  /** There is none any more. */
  record Gone() implements Reread {}
}
