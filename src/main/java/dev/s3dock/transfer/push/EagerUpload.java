package dev.s3dock.transfer.push;

import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.write.ChunkIndex;
import dev.s3dock.archive.write.ChunkIndex.Place;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.archive.write.Segment;
import dev.s3dock.archive.write.SpooledLayer;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.image.Digest;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.transfer.InFlight;
import dev.s3dock.transfer.push.PartPlan.Send;
import dev.s3dock.transfer.push.PartPlan.Take;
import dev.s3dock.transfer.push.PartPlanner.Placed;
import dev.s3dock.transfer.push.UploadedPart.Copied;
import dev.s3dock.transfer.push.UploadedPart.Sent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * An upload that goes on while the engine still exports the image: what the best base has is copied
 * before the first byte of it comes, since most of it will be wanted; a layer that is new is sent
 * when it is packed. What turns out to be of no use is left out of the object in the end.
 *
 * <p>The store is asked on a thread of its own, so that a slow one does not hold up the packing.
 */
final class EagerUpload implements AutoCloseable {
  private static final long MIN = MultipartUpload.MIN_PART_BYTES;

  /** Of a base's bytes that may have changed: a change makes one such part useless. */
  private static final long SPAN_BYTES = 32 << 20;

  /** Numbers between two spans, for what takes the place of one that is of no use. */
  private static final int STRIDE = 8;

  private final Optional<Target> target;
  private final List<UploadedPart> parts = new ArrayList<>();
  private final List<Future<?>> tasks = new ArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("s3dock-eager-upload").factory());
  private volatile @Nullable ArchiveUpload upload;
  private volatile boolean over;

  /** What is going to be made. */
  private record Target(
      ObjectStore store,
      ReuseSources reuseSources,
      ChunkIndex held,
      UploadTarget place,
      List<Digest> diffIds,
      PartNumbers numbers) {}

  private EagerUpload(Optional<Target> target) {
    this.target = target;
  }

  /** Takes no part: everything is sent after the image is packed. */
  static EagerUpload none() {
    return new EagerUpload(Optional.empty());
  }

  /**
   * Begins with what the best base has. The upload starts with the first part.
   *
   * @param reuseSources of the new archive
   * @param place where the archive will be
   * @param diffIds of the image, as the engine tells them
   */
  static EagerUpload begin(
      ObjectStore store, ReuseSources reuseSources, UploadTarget place, List<Digest> diffIds) {
    List<Digest> layers = diffIds.stream().distinct().toList();
    Target target =
        new Target(
            store,
            reuseSources,
            reuseSources.chunks(),
            place,
            layers,
            new PartNumbers(layers.size()));
    EagerUpload start = new EagerUpload(Optional.of(target));
    if (!reuseSources.isEmpty()) {
      start.inBackground(() -> start.copyLeading(target));
      start.inBackground(
          () -> {
            if (store.leavesPartsOut()) {
              start.copyLikely(target);
            }
          });
    }
    return start;
  }

  /** Goes on with a layer that is packed. */
  void packed(SpooledLayer layer) {
    target.ifPresent(to -> packed(layer, to));
  }

  private void packed(SpooledLayer layer, Target to) {
    int place = to.diffIds.indexOf(layer.diffId());
    if (place >= 0 && layer.length() >= 2 * MIN && layer.isNew(to.held)) {
      inBackground(() -> send(layer, place, to));
    }
  }

  /** Throws what has gone wrong with the store so far. */
  void requireGoingWell() throws IOException {
    Tasks.takeDone(tasks);
  }

  /** What is asked of the store. */
  private interface Work {
    void run() throws IOException;
  }

  private void inBackground(Work work) {
    tasks.add(
        thread.submit(
            () -> {
              if (!over) {
                work.run();
              }
              return null;
            }));
  }

  private ArchiveUpload upload(Target to) {
    ArchiveUpload started = upload;
    if (started == null) {
      started = ArchiveUpload.start(to.store, to.reuseSources, to.place);
      upload = started;
    }
    return started;
  }

  /** All but the last 5 MiB, to which what follows can be joined. */
  private void copyLeading(Target to) throws IOException {
    int layers = to.reuseSources.leading().layers().size();
    long length = to.reuseSources.leading().length() - MIN;
    if (length >= MIN) {
      int room = to.numbers.last(layers - 1) - to.numbers.first(0) + 1;
      long count = Math.min(Math.ceilDiv(length, PartPlan.TAKE_BYTES), room);
      copy(to, 0, length, count, to.numbers.first(0), 1, false);
    }
  }

  /** The other layers of the best base, for those at the same places. */
  private void copyLikely(Target to) throws IOException {
    List<LayerEntry> layers = to.reuseSources.archives().getFirst().index().layers();
    boolean other = to.reuseSources.isOther(0);
    int end = Math.min(layers.size(), to.diffIds.size());
    for (int i = to.reuseSources.leading().layers().size(); i < end; i++) {
      LayerEntry layer = layers.get(i);
      if (other && !layer.diffId().equals(to.diffIds.get(i))) {
        continue; // another app's own layer
      }
      long start = layer.chunks().getFirst().end(); // it changes whenever a layer is built
      long length = layer.end() - MIN - start;
      int room = (middle(i, to) - to.numbers.first(i)) / STRIDE;
      if (length >= MIN && room > 0) {
        long count = Math.min(Math.ceilDiv(length, SPAN_BYTES), room);
        copy(to, start, length, count, to.numbers.first(i), STRIDE, true);
      }
    }
  }

  private void copy(
      Target to, long start, long length, long count, int first, int stride, boolean local)
      throws IOException {
    for (long i = 0; i < count && !over; i++) {
      long from = start + length * i / count;
      long end = start + length * (i + 1) / count;
      Take take = new Take(new Place(0, from), end - from, local);
      int number = first + (int) i * stride;
      Future<Optional<ETag>> token = upload(to).copyAhead(number, take);
      parts.add(new Copied(number, take.from(), take.length(), token));
    }
  }

  /** Copied parts of a layer have numbers up to here, those that are sent have the others. */
  private static int middle(int layer, Target to) {
    return (to.numbers.first(layer) + to.numbers.last(layer)) / 2;
  }

  /**
   * All but the last 5 MiB, so that what stands before the next layer is no part of its own. Nor is
   * what stands before the first part of all: it takes in the first 5 MiB of that layer.
   */
  private void send(SpooledLayer layer, int place, Target to) throws IOException {
    int first = middle(place, to) + 1;
    int room = to.numbers.last(place) - middle(place, to);
    long end = layer.length() - MIN;
    int lowest = to.numbers.first(place);
    long at = parts.stream().anyMatch(part -> part.number() < lowest) ? 0 : MIN;
    for (int i = 0; i < room && end - at >= MIN && !over; i++) {
      long most =
          PartPlan.SEND_BYTES << Math.min(2, 3 * i / room); // of a huge layer they are larger
      long length = end - at < most + MIN ? Math.min(end - at, most) : most;
      long from = at;
      upload(to).sendAhead(first + i, length, () -> layer.read(from, (int) length));
      parts.add(new Sent(first + i, layer.diffId(), at, length));
      at += length;
    }
  }

  /**
   * Ends: hands out the upload as it is, to be closed by the caller.
   *
   * @param actual where the archive really goes
   * @return empty if nothing was begun, or nothing that can be used
   */
  Optional<Begun> end(ObjectKey actual) throws IOException {
    over = true;
    for (Future<?> task : tasks) {
      InFlight.await(task);
    }
    tasks.clear();
    ArchiveUpload started = upload;
    if (started == null || !actual.equals(target.map(to -> to.place().archive()).orElse(null))) {
      return Optional.empty();
    }
    Begun begun = new Begun(started, List.copyOf(parts));
    upload = null;
    return Optional.of(begun);
  }

  /** An upload of which some parts are there. */
  record Begun(ArchiveUpload upload, List<UploadedPart> parts) {
    /**
     * Finds the parts that the archive can use.
     *
     * @param segments of the archive
     */
    List<Placed> placed(PackedImage image, List<Segment> segments) throws IOException {
      List<Placed> placed = new ArrayList<>();
      for (UploadedPart part : parts) {
        switch (part) {
          case Sent sent -> {
            OptionalLong layer = image.offset(sent.diffId());
            if (layer.isPresent()) {
              placed.add(
                  new Placed(
                      sent.number(), layer.getAsLong() + sent.offset(), new Send(sent.length())));
            }
          }
          case Copied copied -> {
            if (InFlight.await(copied.token()).isPresent()) {
              find(copied, segments).ifPresent(placed::add);
            }
          }
        }
      }
      placed.sort(Comparator.comparingLong(Placed::start));
      return placed;
    }

    private static Optional<Placed> find(Copied part, List<Segment> segments) {
      long at = 0;
      for (Segment segment : segments) {
        if (segment.held().isPresent() && segment.held().get().archive() == part.from().archive()) {
          long shift = part.from().offset() - segment.held().get().offset();
          if (shift >= 0 && shift + part.length() <= segment.length()) {
            return Optional.of(
                new Placed(
                    part.number(),
                    at + shift,
                    new Take(part.from(), part.length(), segment.local())));
          }
        }
        at += segment.length();
      }
      return Optional.empty();
    }
  }

  /** Aborts what was begun, unless it was taken over. */
  @Override
  public void close() {
    over = true;
    ArchiveUpload started = upload;
    if (started != null) {
      started.stop();
    }
    thread.close();
    ArchiveUpload left = upload;
    if (left != null) {
      left.close();
    }
  }
}
