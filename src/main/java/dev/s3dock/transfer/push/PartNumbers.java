package dev.s3dock.transfer.push;

import dev.s3dock.store.MultipartUpload;

/**
 * Numbers for parts that are made before it is known how many come before them. The store puts
 * parts in the order of their numbers and does not mind gaps; so every layer has a range of its
 * own, whose beginning is left to what will stand before the layer.
 *
 * @param layers of the image, each distinct one counted once
 */
record PartNumbers(int layers) {
  private static final int BEFORE = 32;

  private int width() {
    return MultipartUpload.MAX_PARTS / (layers + 1); // the last range is that of the tail
  }

  /** The first number for a part of this layer. */
  int first(int layer) {
    return layer * width() + 1 + Math.min(BEFORE, width() / 4);
  }

  /** The highest part number of a layer. */
  int last(int layer) {
    return (layer + 1) * width();
  }
}
