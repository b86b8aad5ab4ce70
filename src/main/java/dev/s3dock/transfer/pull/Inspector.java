package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.oci.ImageSettings;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells what a published image is, without fetching its layers. */
public final class Inspector {
  private static final int NEIGHBOURS = 5;

  private final ObjectStore store;
  private final Images images;
  private final Catalog catalog;
  private final int retries;

  /**
   * Reads metadata and, of archives, only the end.
   *
   * @param retries how often a range that failed is read again
   */
  public Inspector(ObjectStore store, Images images, Catalog catalog, int retries) {
    this.store = store;
    this.images = images;
    this.catalog = catalog;
    this.retries = retries;
  }

  /**
   * The archive of one platform.
   *
   * @param archive as it is stored
   * @param contents empty for an archive of the original, which has no index
   */
  public record Details(Published published, ObjectStat archive, Optional<Contents> contents) {}

  /**
   * What an archive holds, by its index and its verified image config.
   *
   * @param shared bytes of its chunks that any of the neighbours has too
   * @param neighbours the newest other images of the app, newest first
   */
  public record Contents(
      ArchiveIndex index, ImageSettings settings, long shared, List<Neighbour> neighbours) {
    public Contents {
      neighbours = List.copyOf(neighbours);
    }
  }

  /**
   * Another published image of the app.
   *
   * @param shared bytes of the inspected archive's chunks that this one has too
   */
  public record Neighbour(Published image, long shared) {}

  /**
   * Looks at every platform of an image, the first one first.
   *
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if an archive is missing, or
   *     is not what its metadata says as far as it is read
   */
  public List<Details> inspect(Published first) throws IOException {
    List<Published> platforms = images.platforms(first);
    Set<ObjectKey> own =
        platforms.stream().map(variant -> variant.key().metadata()).collect(Collectors.toSet());
    List<ImageKey> others =
        catalog.newest(first.key().reference().app(), NEIGHBOURS + own.size()).stream()
            .filter(key -> !own.contains(key.metadata()))
            .limit(NEIGHBOURS)
            .toList();
    List<Details> details = new ArrayList<>();
    for (Published variant : platforms) {
      details.add(details(variant, others));
    }
    return details;
  }

  private Details details(Published variant, List<ImageKey> others) throws IOException {
    return PublishedRead.of(
        images,
        variant,
        now -> {
          ObjectStat archive = ArchiveFile.archiveOf(store, now);
          Optional<ArchiveIndex> index = PublishedIndex.of(now);
          return new Details(
              now,
              archive,
              index.isEmpty()
                  ? Optional.empty()
                  : Optional.of(contents(now, archive, index.get(), others)));
        });
  }

  private Contents contents(
      Published image, ObjectStat archive, ArchiveIndex index, List<ImageKey> others)
      throws IOException {
    ArchiveReader reader =
        new ArchiveReader(
            index,
            image.key().reference(),
            new ArchiveDownload(store, archive, retries, bytes -> {}),
            1);
    ImageSettings settings = ImageSettings.parse(reader.config());
    SharedChunks shared = new SharedChunks(index);
    List<Neighbour> neighbours = new ArrayList<>();
    for (ImageKey other : others) {
      neighbour(other, shared).ifPresent(neighbours::add);
    }
    return new Contents(index, settings, shared.withAny(), neighbours);
  }

  /** Empty if there is no index, or none that can be read: that is for its own inspection. */
  private Optional<Neighbour> neighbour(ImageKey key, SharedChunks shared) {
    try {
      Optional<Published> image = images.at(key);
      return image
          .flatMap(PublishedIndex::of)
          .map(SharedChunks::digests)
          .map(chunks -> new Neighbour(image.get(), shared.with(chunks)));
    } catch (StoreException | RegistryException | TransferException e) {
      return Optional.empty();
    }
  }
}
