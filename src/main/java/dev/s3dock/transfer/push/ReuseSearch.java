package dev.s3dock.transfer.push;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Platform;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.layer.LayerHint;
import dev.s3dock.registry.layer.LayerHints;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.InFlight;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.push.ReuseSources.Base;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Finds the published archives of an app that a new one has most in common with: the one that
 * shares the longest beginning, then the ones that share most layers, then the newest.
 */
final class ReuseSearch {
  private static final int CANDIDATES = 6;
  private static final int BASES = 3;
  private static final int OTHERS = 3;

  private final ObjectStore store;
  private final Images images;
  private final Catalog catalog;
  private final Compression.Choice compression;
  private final LayerHints hints;

  /**
   * Searches the published images of this store.
   *
   * @param compression of the new archive: others hold other chunks, even of the same bytes
   */
  ReuseSearch(ObjectStore store, Images images, Catalog catalog, Compression.Choice compression) {
    this.store = store;
    this.images = images;
    this.catalog = catalog;
    this.compression = compression;
    this.hints = new LayerHints(store);
  }

  /**
   * The ones that serve an image best.
   *
   * @param candidates newest first
   * @param platform of the new image, if it is known yet: others share nothing with it
   * @param diffIds of the new image, none if they are not known yet
   */
  static ReuseSources among(
      List<Base> candidates, Optional<Platform> platform, List<Digest> diffIds) {
    Set<Digest> wanted = new HashSet<>(diffIds);
    Comparator<Base> closeness =
        Comparator.<Base>comparingLong(base -> LeadingLayers.of(base.index(), diffIds).length())
            .thenComparingLong(base -> shared(base.index(), wanted))
            .reversed();
    return ReuseSources.of(
        candidates.stream()
            .filter(base -> platform.map(p -> runsAlike(base.index().platform(), p)).orElse(true))
            .sorted(closeness) // stable: newest first among equals
            .limit(BASES)
            .toList(),
        diffIds);
  }

  private static boolean runsAlike(Platform first, Platform second) {
    return first.os().equals(second.os()) && first.architecture().equals(second.architecture());
  }

  private static long shared(ArchiveIndex index, Set<Digest> wanted) {
    return index.layers().stream()
        .filter(layer -> wanted.contains(layer.diffId()))
        .mapToLong(LayerEntry::size)
        .sum();
  }

  /** The newest few archives. What cannot be read or is damaged is passed over. */
  List<Base> candidates(AppName app) throws IOException {
    List<ImageKey> newest = catalog.newest(app, CANDIDATES);
    if (newest.isEmpty()) {
      return List.of();
    }
    Optional<String> compressor = Optional.of(compressor());
    ConcurrentSkipListMap<Integer, Base> found = new ConcurrentSkipListMap<>();
    try (InFlight reads = new InFlight(CANDIDATES)) {
      for (int i = 0; i < newest.size(); i++) {
        int rank = i;
        reads.submit(
            1,
            () ->
                () -> {
                  base(newest.get(rank), compressor).ifPresent(base -> found.put(rank, base));
                  return rank;
                });
      }
      reads.await();
    }
    return List.copyOf(found.values());
  }

  private String compressor() {
    return ChunkCodec.fingerprint(ChunkCodec.resolve(compression));
  }

  /**
   * Adds archives that have layers which those lack, of whatever app, as hints tell: the ones that
   * have most of them. What a hint says has to be what the index of that archive says.
   *
   * @param diffIds of the new image
   */
  ReuseSources withOthers(ReuseSources own, Collection<Digest> diffIds) {
    Set<Digest> missing = new LinkedHashSet<>(diffIds);
    own.archives().forEach(base -> missing.removeAll(base.index().diffIds()));
    if (missing.isEmpty()) {
      return own;
    }
    String compressor = compressor();
    Map<ObjectKey, List<LayerHint>> byArchive =
        hints.find(missing).stream()
            .filter(hint -> hint.compressor().equals(compressor))
            .collect(groupingBy(LayerHint::archive, LinkedHashMap::new, toList()));
    List<Base> others = new ArrayList<>();
    ParallelReads.inOrder(
        byArchive.values().stream()
            .sorted(Comparator.comparingLong(ReuseSearch::bytes).reversed())
            .limit(OTHERS)
            .iterator(),
        said -> other(said, Optional.of(compressor)),
        found -> found.ifPresent(others::add));
    return own.with(others);
  }

  private static long bytes(List<LayerHint> hints) {
    return hints.stream().mapToLong(LayerHint::length).sum();
  }

  /** The archive that hints lead to, if one of them tells the truth. */
  private Optional<Base> other(List<LayerHint> hints, Optional<String> compressor) {
    return BucketLayout.parseImage(hints.getFirst().archive())
        .flatMap(key -> base(key, compressor))
        .filter(base -> hints.stream().anyMatch(hint -> isTrue(hint, base)));
  }

  private static boolean isTrue(LayerHint hint, Base base) {
    return hint.archive().equals(base.archive().key())
        && hint.state().equals(base.archive().etag())
        && base.index().layers().stream()
            .anyMatch(
                layer ->
                    layer.diffId().equals(hint.diffId())
                        && layer.offset() == hint.offset()
                        && layer.length() == hint.length());
  }

  /** Empty if the archive has no index, or not the one that its metadata has. */
  private Optional<Base> base(ImageKey key, Optional<String> compressor) {
    try {
      Optional<Published> published = images.at(key);
      Optional<ArchiveIndex> index =
          published
              .flatMap(PublishedIndex::of)
              .filter(known -> known.compressor().equals(compressor));
      return index.flatMap(
          known ->
              store
                  .head(published.get().archive())
                  .filter(
                      archive ->
                          archive.size() == known.size()
                              && known.objectEtag().equals(Optional.of(archive.etag().value())))
                  .map(archive -> new Base(known, archive)));
    } catch (StoreException | RegistryException | TransferException e) {
      return Optional.empty();
    }
  }
}
