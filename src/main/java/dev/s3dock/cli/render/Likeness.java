package dev.s3dock.cli.render;

import java.util.Comparator;
import java.util.List;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

/** Commands and options that a user may have meant; their names are short, and are known. */
public final class Likeness {
  private static final int SHOWN = 3;

  /** From 0, nothing in common, to 1: what is less alike was not meant. */
  private static final double LEAST = 0.8;

  private static final JaroWinklerSimilarity SIMILARITY = new JaroWinklerSimilarity();

  private Likeness() {}

  /** Up to three of the names whose last word is like the wanted one, the most alike first. */
  public static List<String> of(String wanted, List<String> names) {
    return names.stream()
        .filter(name -> like(wanted, name) >= LEAST)
        .sorted(Comparator.comparingDouble(name -> -like(wanted, name)))
        .limit(SHOWN)
        .toList();
  }

  private static double like(String wanted, String name) {
    String last = name.substring(name.lastIndexOf(' ') + 1);
    return SIMILARITY.apply(bare(wanted), bare(last));
  }

  /** The dashes of options would make all of them alike. */
  private static String bare(String name) {
    return name.replaceFirst("^-+", "");
  }
}
