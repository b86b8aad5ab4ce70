package dev.s3dock.store.s3;

/** Whether a store has to honour the preconditions of writes. */
public enum ConditionalWrites {
  /** A store that is found to ignore them is refused. */
  REQUIRED,
  /**
   * The user knows that the store ignores them: s3dock looks first and then writes, and of two
   * writers at the same moment the later one wins.
   */
  OFF
}
