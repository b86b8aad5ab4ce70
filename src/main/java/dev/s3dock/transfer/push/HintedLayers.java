package dev.s3dock.transfer.push;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.layer.LayerHint;
import dev.s3dock.registry.layer.LayerHints;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What leads other apps to the layers of an archive that has been published. */
public final class HintedLayers {
  private HintedLayers() {}

  /**
   * Writes the hints that are missing or wrong. Whatever the store says to that, nothing fails.
   *
   * @param index of the archive as it is stored
   * @param proved layers whose hint may stay if it still holds; any other is replaced
   */
  public static void record(
      ObjectStore store, ArchiveIndex index, ObjectKey archive, Set<Digest> proved) {
    Optional<String> state = index.objectEtag();
    Optional<String> compressor = index.compressor();
    if (state.isEmpty() || compressor.isEmpty()) {
      return;
    }
    List<LayerHint> hints =
        index.layers().stream()
            .filter(layer -> layer.size() >= LayerHints.LEAST_BYTES)
            .map(
                layer ->
                    new LayerHint(
                        layer.diffId(),
                        archive,
                        new ETag(state.get()),
                        layer.offset(),
                        layer.length(),
                        compressor.get()))
            .toList();
    new LayerHints(store).record(hints, proved);
  }
}
