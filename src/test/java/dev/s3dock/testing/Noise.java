package dev.s3dock.testing;

import java.util.SplittableRandom;

/** Bytes that no compression makes shorter, and that are the same in every run. */
public final class Noise {
  private Noise() {}

  /** So many bytes; others for each seed. */
  public static byte[] of(long seed, int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }
}
