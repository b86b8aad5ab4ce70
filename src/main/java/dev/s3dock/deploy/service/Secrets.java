package dev.s3dock.deploy.service;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Values that are never shown; its own text shows none either. */
public final class Secrets {
  /** A shorter one would hide half of every text, and protects nothing. */
  private static final int SHORTEST = 4;

  private final List<String> values;

  /** Takes the values as they are. */
  public Secrets(Collection<String> values) {
    this.values =
        values.stream()
            .filter(value -> value.length() >= SHORTEST)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
  }

  /** Masks nothing. */
  public static Secrets none() {
    return new Secrets(List.of());
  }

  /** The text with every value in it replaced by {@code ****}. */
  public String mask(String text) {
    String masked = text;
    for (String value : values) {
      masked = masked.replace(value, "****");
    }
    return masked;
  }

  @Override
  public String toString() {
    return "Secrets[" + values.size() + "]";
  }
}
