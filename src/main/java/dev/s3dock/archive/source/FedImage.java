package dev.s3dock.archive.source;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.HashingInputStream;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.oci.ImageConfig;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Makes an image of layers that are fed and others that are known. */
record FedImage(LayerFeed feed, LeadingLayers known, String name) {
  SourceImage read(LayerSink sink) throws IOException {
    Map<Digest, Long> there = new HashMap<>();
    for (LayerEntry layer : known.layers()) {
      there.put(layer.diffId(), layer.size());
    }
    for (Optional<OfferedLayer> next = feed.next(); next.isPresent(); next = feed.next()) {
      HashingInputStream tar = new HashingInputStream(next.get().tar());
      Digest diffId = sink.take(tar);
      there.put(diffId, tar.count());
      feed.taken(diffId);
    }
    ImageConfig config = ImageConfig.parse(feed.config());
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    for (Digest diffId : config.diffIds()) {
      Long size = there.get(diffId);
      if (size == null) {
        throw new CorruptArchiveException("%s: the layer %s has not come".formatted(name, diffId));
      }
      sizes.put(diffId, size);
    }
    return new SourceImage(config, Collections.emptySortedSet(), sizes, true);
  }
}
