package dev.s3dock.transfer;

import dev.s3dock.archive.ArchiveInput;
import dev.s3dock.archive.PackedImage;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Sends an archive as a multipart upload, several parts at once. Holds {@link #PARALLEL_PARTS} part
 * buffers and no more: 64 MiB for archives up to 156 GiB.
 */
final class ArchiveUpload {
  static final int PARALLEL_PARTS = 4;
  private static final int PART_BYTES = 16 << 20;

  private final ObjectStore store;

  ArchiveUpload(ObjectStore store) {
    this.store = store;
  }

  /** The state of the object that was written, and what was learnt of the bytes on the way. */
  record Uploaded(ETag state, ArchiveInput input) {}

  /**
   * Sends the archive over whatever is at the key.
   *
   * @param beforeVisible run when all bytes are sent; what it throws aborts the upload
   */
  Uploaded send(PackedImage image, ObjectKey key, Progress.Step step, Runnable beforeVisible)
      throws IOException {
    int partBytes = partBytes(image.size());
    BlockingQueue<byte[]> buffers = new ArrayBlockingQueue<>(PARALLEL_PARTS);
    for (int i = 0; i < PARALLEL_PARTS; i++) {
      buffers.add(new byte[(int) Math.min(partBytes, image.size())]);
    }
    try (ArchiveInput input = image.open();
        MultipartUpload upload = store.startUpload(key);
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        sendParts(input, upload, senders, buffers, step);
      } catch (RuntimeException | IOException e) {
        senders.shutdownNow();
        throw e;
      }
      beforeVisible.run();
      return new Uploaded(upload.complete(), input);
    }
  }

  private static void sendParts(
      ArchiveInput input,
      MultipartUpload upload,
      ExecutorService senders,
      BlockingQueue<byte[]> buffers,
      Progress.Step step)
      throws IOException {
    List<Future<?>> parts = new ArrayList<>();
    for (int number = 1; ; number++) {
      byte[] buffer = take(buffers);
      int length = input.readNBytes(buffer, 0, buffer.length);
      if (length == 0) {
        break;
      }
      failFast(parts);
      int part = number;
      parts.add(
          senders.submit(
              () -> {
                try {
                  upload.uploadPart(part, buffer, 0, length);
                  step.advance(length);
                } finally {
                  buffers.add(buffer);
                }
              }));
    }
    for (Future<?> part : parts) {
      await(part);
    }
  }

  private static void failFast(List<Future<?>> parts) {
    parts.removeIf(
        part -> {
          if (part.isDone()) {
            await(part);
          }
          return part.isDone();
        });
  }

  private static byte[] take(BlockingQueue<byte[]> buffers) {
    try {
      return buffers.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static void await(Future<?> part) {
    try {
      part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** At most 10,000 parts are allowed, so very large archives get larger parts. */
  private static int partBytes(long archiveBytes) {
    long needed = Math.ceilDiv(archiveBytes, (long) MultipartUpload.MAX_PARTS);
    return Math.toIntExact(Math.max(PART_BYTES, needed));
  }
}
