package dev.s3dock.distribution;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.concurrent.ParallelReads;
import dev.s3dock.distribution.PublishedImages.Entry;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.ImageKey;
import dev.s3dock.store.ETag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds out which image of an app a digest belongs to, where nothing else tells: by looking at all
 * of them, newest first. What it has seen it remembers in eight bytes for each digest, so that it
 * reads each image once. For several threads, which take turns.
 */
final class DigestScan {
  private final Function<List<Entry>, List<Digest>> documents;
  private final PublishedImages images;
  private final Map<ImageReference, Seen> seen = new HashMap<>();

  /**
   * What is known of a commit: digests that follow from its indexes, and those of its documents.
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Seen(ImageKey key, List<ETag> state, long[] blobs, Optional<long[]> manifests) {}

  /** A commit in a listing. */
  private record Commit(ImageReference reference, List<Entry> platforms) {
    ImageKey key() {
      return platforms.getFirst().key();
    }

    List<ETag> state() {
      return platforms.stream().map(Entry::metadata).toList();
    }
  }

  /**
   * Has looked at nothing yet.
   *
   * @param documents makes all manifests and indexes of the platforms of a commit
   */
  DigestScan(PublishedImages images, Function<List<Entry>, List<Digest>> documents) {
    this.images = images;
    this.documents = documents;
  }

  /**
   * The image that has a manifest or a blob of this digest; its first platform.
   *
   * @param manifest what is looked for
   */
  synchronized Optional<ImageKey> find(AppName app, Digest digest, boolean manifest) {
    look(app, digest, manifest);
    return known(digest);
  }

  private void look(AppName app, Digest digest, boolean manifest) {
    List<Commit> commits = commits(app);
    Map<ImageReference, Seen> present = new HashMap<>();
    for (Commit commit : commits) {
      Seen before = seen.get(commit.reference());
      if (before != null && before.state().equals(commit.state())) {
        present.put(commit.reference(), before);
      }
    }
    seen.clear();
    seen.putAll(present);
    read(commits, digest, commit -> !seen.containsKey(commit.reference()), this::shallow);
    if (manifest) {
      read(commits, digest, commit -> !isDeep(commit.reference()), this::deep);
    }
  }

  private boolean isDeep(ImageReference reference) {
    Seen known = seen.get(reference);
    return known != null && known.manifests().isPresent();
  }

  private void read(
      List<Commit> commits, Digest digest, Predicate<Commit> missing, Function<Commit, Seen> read) {
    List<Commit> unread = commits.stream().filter(missing).toList();
    for (int from = 0; from < unread.size() && known(digest).isEmpty(); ) {
      int to = Math.min(unread.size(), from + ParallelReads.AT_ONCE);
      List<Commit> some = unread.subList(from, to);
      List<Seen> results = new ArrayList<>();
      ParallelReads.inOrder(some.iterator(), read, results::add);
      for (int i = 0; i < some.size(); i++) {
        seen.put(some.get(i).reference(), results.get(i));
      }
      from = to;
    }
  }

  private List<Commit> commits(AppName app) {
    Map<ImageReference, List<Entry>> commits = new LinkedHashMap<>();
    for (Entry entry : images.all(app)) {
      commits.computeIfAbsent(entry.key().reference(), r -> new ArrayList<>()).add(entry);
    }
    return commits.entrySet().stream().map(it -> new Commit(it.getKey(), it.getValue())).toList();
  }

  private Seen shallow(Commit commit) {
    long[] blobs =
        commit.platforms().stream()
            .flatMap(entry -> indexOf(entry).stream())
            .flatMap(DigestScan::digests)
            .mapToLong(DigestScan::fingerprint)
            .sorted()
            .toArray();
    return new Seen(commit.key(), commit.state(), blobs, Optional.empty());
  }

  private Optional<ArchiveIndex> indexOf(Entry entry) {
    try {
      return images.index(entry.key());
    } catch (RuntimeException e) {
      if (RefusedException.of(e).code() == ErrorCode.UNAVAILABLE) {
        throw e;
      }
      return Optional.empty(); // a damaged image must not hide the others
    }
  }

  private static Stream<Digest> digests(ArchiveIndex index) {
    return Stream.of(
            index.manifest().stream().map(it -> it.digest()),
            Stream.of(index.imageId()),
            index.layers().stream().map(LayerEntry::diffId),
            index.layers().stream().flatMap(layer -> layer.blob().stream()))
        .flatMap(it -> it);
  }

  private Seen deep(Commit commit) {
    Seen known = seen.get(commit.reference());
    long[] manifests =
        documents.apply(commit.platforms()).stream()
            .mapToLong(DigestScan::fingerprint)
            .sorted()
            .toArray();
    return new Seen(
        commit.key(),
        commit.state(),
        known == null ? new long[0] : known.blobs(),
        Optional.of(manifests));
  }

  /** Two digests that share it are told apart when the image is read. */
  private static long fingerprint(Digest digest) {
    return Long.parseUnsignedLong(digest.hex().substring(0, 16), 16);
  }

  private Optional<ImageKey> known(Digest digest) {
    long wanted = fingerprint(digest);
    return seen.values().stream()
        .filter(it -> has(it, wanted))
        .map(Seen::key)
        .max(Comparator.comparing(ImageKey::reference));
  }

  private static boolean has(Seen commit, long wanted) {
    return Arrays.binarySearch(commit.blobs(), wanted) >= 0
        || commit.manifests().filter(them -> Arrays.binarySearch(them, wanted) >= 0).isPresent();
  }
}
