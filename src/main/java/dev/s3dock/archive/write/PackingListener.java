package dev.s3dock.archive.write;

import dev.s3dock.archive.LeadingLayers;
import java.io.IOException;

/** Is told how packing goes on, on the thread that packs. What it throws ends the packing. */
@FunctionalInterface
public interface PackingListener {
  /** So many more bytes of layers were taken. */
  void advanced(long rawBytes) throws IOException;

  /**
   * All of a layer is in the spool. Layers come in the order in which the source has them; one that
   * the source holds twice is told once, and {@link LeadingLayers} are not.
   */
  default void packed(SpooledLayer layer) throws IOException {}
}
