package dev.s3dock.deploy.loadbalancer;

import java.util.Locale;

/**
 * The two sides between which traffic moves. Neither is better: each deployment takes the other.
 */
public enum Colour {
  BLUE,
  GREEN;

  /** The other side. */
  public Colour other() {
    return this == BLUE ? GREEN : BLUE;
  }

  /** As in labels, server names and documents: {@code blue} or {@code green}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
