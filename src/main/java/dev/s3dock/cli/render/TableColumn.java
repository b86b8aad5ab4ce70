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

  /** Fewest columns of the window that it needs to show what is so wide. */
  int least(int natural) {
    return wraps ? Math.min(natural, NARROWEST_TEXT) : natural;
  }
}
