package dev.s3dock.transfer.pull;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.read.ArchiveOverlap;
import dev.s3dock.archive.read.ArchiveOverlap.Copy;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveFile;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferException;
import dev.s3dock.transfer.TransferProgress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Brings an archive, as it is stored, to a file. Not fetched are bytes that an interrupted run has
 * left, and those that an archive has which is in that place. The file that is there stays until
 * the new one is complete and verified.
 */
final class FilePull {
  /** Missing parts that are closer together than this are fetched with one request. */
  private static final int NEAR = 64 << 10;

  private static final int COPIED_AT_ONCE = 1 << 20;

  private final ArchiveFile ranges;
  private final ObjectStore store;
  private final int threads;
  private final FileProof proof;
  private final TransferProgress progress;

  FilePull(ObjectStore store, int retries, int threads, TransferProgress progress) {
    this.store = store;
    this.ranges = new ArchiveFile(store, retries, progress);
    this.threads = threads;
    this.proof = new FileProof(threads);
    this.progress = progress;
  }

  /**
   * Writes the file.
   *
   * @param target absolute path
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if size or MD5 are not what
   *     the metadata says
   * @throws CorruptArchiveException if it is not the archive of this image
   */
  PullResult run(Published image, Path target) throws IOException {
    ObjectStat archive = ArchiveFile.archiveOf(store, image);
    if (Files.isRegularFile(target)
        && Files.size(target) == archive.size()
        && proof.holds(image, target)) {
      PartFile.discard(target);
      return new PullResult(true, 0, archive.size());
    }
    String wanted =
        "%s %s %d %s"
            .formatted(archive.key(), archive.etag(), archive.size(), image.metadata().checksum());
    try (PartFile part = PartFile.open(target, wanted, archive.size())) {
      try {
        return fill(part, image, archive, target);
      } catch (StoreException
          | InterruptedIOException
          | ClosedByInterruptException
          | CancellationException e) {
        part.keep();
        throw e;
      }
    }
  }

  private PullResult fill(PartFile part, Published image, ObjectStat archive, Path target)
      throws IOException {
    ByteCounter counter = new ByteCounter();
    if (!part.isResumed()) {
      reuse(part, image, target);
    }
    long reused = part.bytes();
    fetch(part, archive, counter);
    if (reused == 0) {
      proof.require(image, part.file());
    } else if (!proof.holds(image, part.file())) {
      progress.detail(image.archive() + ": the existing file does not match; fetching everything");
      reused = 0;
      part.startOver();
      fetch(part, archive, counter);
      proof.require(image, part.file());
    }
    part.moveToTarget();
    return new PullResult(false, counter.fetched(), reused);
  }

  private void fetch(PartFile part, ObjectStat archive, ByteCounter counter) throws IOException {
    List<ByteRange> missing = part.missing(NEAR, ArchiveFile.RANGE_BYTES);
    long bytes = missing.stream().mapToLong(ByteRange::length).sum();
    try (TransferProgress.Step step = progress.begin("download", bytes)) {
      step.saved(archive.size() - bytes);
      counter.show(step);
      ranges.fetch(
          archive,
          missing,
          counter,
          (offset, content) -> {
            int length = content.remaining();
            part.write(offset, content);
            part.done(offset, length);
          });
    }
    part.sync();
  }

  /** Copies what an archive in the target's place has in common with the wanted one. */
  private void reuse(PartFile part, Published image, Path target) throws IOException {
    Optional<ArchiveIndex> index = PublishedIndex.of(image);
    if (index.isEmpty() || !Files.isRegularFile(target)) {
      return;
    }
    List<Copy> copies = ArchiveOverlap.find(target, index.get(), threads);
    try (FileChannel older = FileChannel.open(target, StandardOpenOption.READ)) {
      for (Copy copy : copies) {
        copy(older, copy, part);
      }
    }
    for (Copy copy : copies) { // only now: a run that is stopped before this looks again
      part.done(copy.to(), copy.length());
    }
  }

  private static void copy(FileChannel older, Copy copy, PartFile part) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(COPIED_AT_ONCE);
    for (long done = 0; done < copy.length(); ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), copy.length() - done));
      int count = older.read(buffer, copy.from() + done);
      if (count < 0) {
        throw new EOFException("the existing file became shorter while it was read");
      }
      part.write(copy.to() + done, buffer.flip());
      done += count;
    }
  }
}
