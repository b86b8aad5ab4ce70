package dev.s3dock.cli.render;

import java.util.Comparator;
import java.util.List;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Names that a user may have meant. */
final class Suggestions {
  private static final int SHOWN = 3;

  private Suggestions() {}

  /**
   * Up to three existing names that differ from the wanted one by a third of it, or two letters.
   */
  static List<String> of(String wanted, List<String> existing) {
    int most = Math.max(2, wanted.length() / 3);
    LevenshteinDistance distance = new LevenshteinDistance(most);
    return existing.stream()
        .filter(name -> distance.apply(wanted, name) >= 0)
        .sorted(Comparator.comparing(name -> distance.apply(wanted, name)))
        .limit(SHOWN)
        .toList();
  }
}
