package dev.s3dock.archive;

import dev.s3dock.image.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The layers with which a stored archive and one to be made both begin. Since archives are
 * canonical, these are the same bytes at the same place in both: they need not be compressed again,
 * nor read for the MD5, which goes on from the state that the index keeps.
 *
 * @param layers of the stored archive, in archive order; none if it shares no beginning
 */
public record LeadingLayers(List<LayerEntry> layers) {
  /** Nothing is shared. */
  public static final LeadingLayers NONE = new LeadingLayers(List.of());

  public LeadingLayers {
    layers = List.copyOf(layers);
  }

  /**
   * What an image has in common with a stored archive.
   *
   * @param diffIds of the image, from the base up; a repeated one counts once
   */
  public static LeadingLayers of(ArchiveIndex stored, List<Digest> diffIds) {
    List<Digest> wanted = diffIds.stream().distinct().toList();
    int shared = 0;
    while (shared < wanted.size()
        && shared < stored.layers().size()
        && stored.layers().get(shared).diffId().equals(wanted.get(shared))) {
      shared++;
    }
    return new LeadingLayers(stored.layers().subList(0, shared));
  }

  /** Bytes of the archive up to the end of the last of them. */
  public long length() {
    return layers.isEmpty() ? 0 : layers.getLast().end();
  }

  /** The layers by the digests of their first two chunks: how they are recognised in a stream. */
  public Map<List<Digest>, LayerEntry> byBeginning() {
    Map<List<Digest>, LayerEntry> beginnings = new HashMap<>();
    layers.forEach(
        layer ->
            beginnings.put(layer.chunks().stream().limit(2).map(Chunk::digest).toList(), layer));
    return beginnings;
  }

  /** The running MD5 at the end of them. */
  public Optional<Md5State> md5() {
    return layers.isEmpty() ? Optional.empty() : Optional.of(layers.getLast().md5AtEnd());
  }
}
