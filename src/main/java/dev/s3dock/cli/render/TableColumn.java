package dev.s3dock.cli.render;

/**
 * A column of a table, and how it gives way where the window is narrow.
 *
 * @param rank those of the highest rank are left out first; 0 for one that stays
 * @param wraps true for text of many words, which goes on in the next line
 */
record TableColumn(String header, int rank, boolean wraps) {
  /** Fewest columns of the window in which words can be read. */
  private static final int NARROWEST_TEXT = 24;

  /** A word up to this width, such as a reference, is not broken while others can give way. */
  private static final int WIDEST_WORD = 48;

  /**
   * Fewest columns of the window that it needs to show what is so wide.
   *
   * @param word how wide its widest word is
   */
  int least(int natural, int word) {
    return wraps
        ? Math.min(natural, Math.max(NARROWEST_TEXT, Math.min(word, WIDEST_WORD)))
        : natural;
  }
}
