package dev.s3dock.distribution.copy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.oci.ImageIndex;
import dev.s3dock.archive.oci.ImageManifest;
import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.distribution.client.OciRepository;
import dev.s3dock.distribution.copy.ServedImage.Blob;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Published;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import dev.s3dock.transfer.ArchiveStream.StoreFailedException;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Copies an image into a registry: the layers go as they lie in the archive, what the registry has
 * is not sent, and the manifest comes last, so that the tag never leads to half an image. What ends
 * early is taken up by the next try.
 */
public final class OutwardCopy {
  /** Blobs on their way at once: each holds a window of the archive in memory. */
  private static final int AT_ONCE = 3;

  private final ObjectStore store;
  private final Images images;
  private final int retries;
  private final int threads;
  private final TransferProgress progress;

  /**
   * Reads from this store.
   *
   * @param images of the same store
   * @param retries of a range that fails
   * @param threads that decompress
   */
  public OutwardCopy(
      ObjectStore store, Images images, int retries, int threads, TransferProgress progress) {
    this.store = store;
    this.images = images;
    this.retries = retries;
    this.threads = threads;
    this.progress = progress;
  }

  /** What was done with one blob. */
  private record Done(long sent, long saved) {}

  /**
   * Copies the platforms of a commit: one image as it is, several under an index.
   *
   * @param tag that is to lead to it
   */
  public OutwardResult copy(List<Published> platforms, OciRepository to, String tag)
      throws IOException {
    try {
      return unwrapped(platforms, to, tag);
    } catch (StoreFailedException e) {
      throw e.reason();
    } catch (ArchiveChangedException e) {
      throw new TransferException(
          TransferException.Kind.CHANGED, e.getMessage() + "; copy it again", e);
    }
  }

  private OutwardResult unwrapped(List<Published> platforms, OciRepository to, String tag)
      throws IOException {
    try {
      return copyAll(platforms, to, tag);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private OutwardResult copyAll(List<Published> platforms, OciRepository to, String tag)
      throws IOException {
    long bytes = platforms.stream().mapToLong(it -> it.metadata().size()).sum();
    try (TransferProgress.Step step = progress.begin("copy", bytes)) {
      List<ServedImage> served = new ArrayList<>();
      for (Published platform : platforms) {
        ServedImage image = ServedImage.of(store, platform, retries, threads, step);
        if (image.isFound()) {
          keep(platform, image);
        }
        served.add(image);
      }
      return copyServed(served, to, tag, step);
    }
  }

  /** So that nobody has to read the archive for it again. The copy does not depend on it. */
  private void keep(Published platform, ServedImage found) {
    ObjectNode index = platform.metadata().index().orElseThrow().deepCopy();
    index.setAll(found.index().toJson());
    try {
      images.writes().complete(platform, index);
    } catch (StoreException | RegistryException e) {
      progress.detail(
          "the digests of the layers of %s could not be kept in its metadata: %s"
              .formatted(platform.key().reference(), e.getMessage()));
    }
  }

  private static OutwardResult copyServed(
      List<ServedImage> images, OciRepository to, String tag, TransferProgress.Step step) {
    byte[] document = document(images);
    Digest digest = Digest.of(document);
    List<Blob> blobs = blobs(images);
    if (to.hasManifest(tag, digest)) {
      long there = blobs.stream().mapToLong(blob -> blob.descriptor().size()).sum();
      return new OutwardResult(digest, images.size(), true, 0, there);
    }
    long[] sums = new long[2];
    ParallelReads.inOrder(
        AT_ONCE,
        blobs.iterator(),
        blob -> send(blob, to, step),
        done -> {
          sums[0] += done.sent();
          sums[1] += done.saved();
        });
    if (images.size() > 1) {
      images.forEach(image -> put(image.manifest(), to));
    }
    String type =
        images.size() > 1 ? ImageIndex.TYPE : images.getFirst().manifest().descriptor().mediaType();
    to.putManifest(tag, type, document);
    return new OutwardResult(digest, images.size(), false, sums[0], sums[1]);
  }

  /** What the tag is to lead to. */
  private static byte[] document(List<ServedImage> images) {
    return images.size() == 1
        ? images.getFirst().manifest().bytes()
        : ImageIndex.of(
            images.stream()
                .map(
                    image ->
                        new ImageIndex.Entry(
                            image.manifest().descriptor(), image.index().platform()))
                .toList());
  }

  private static List<Blob> blobs(List<ServedImage> images) {
    Set<Digest> seen = new HashSet<>();
    return images.stream()
        .flatMap(image -> image.blobs().stream())
        .filter(blob -> seen.add(blob.descriptor().digest()))
        .toList();
  }

  private static Done send(Blob blob, OciRepository to, TransferProgress.Step step) {
    Descriptor what = blob.descriptor();
    if (to.hasBlob(what.digest())) {
      step.saved(what.size());
      return new Done(0, what.size());
    }
    try {
      long sent = to.upload(what.digest(), what.size(), blob::open).sent();
      return new Done(sent, what.size() - sent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(ImageManifest manifest, OciRepository to) {
    Descriptor descriptor = manifest.descriptor();
    to.putManifest(descriptor.digest().toString(), descriptor.mediaType(), manifest.bytes());
  }
}
