package dev.s3dock.verify;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.read.ArchiveProof;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.registry.Published;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.ArchiveDownload;
import dev.s3dock.transfer.ArchiveDownload.ArchiveChangedException;
import dev.s3dock.transfer.ArchiveStream;
import dev.s3dock.transfer.ArchiveStream.StoreFailedException;
import dev.s3dock.transfer.LegacyArchives;
import dev.s3dock.transfer.Md5;
import dev.s3dock.transfer.TransferProgress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Reads whole archives, one at a time, and tells whether their bytes are what they must be. */
final class ArchiveBytes {
  private static final String FORCE = "push it again with --force from where it was built";

  private final ObjectStore store;
  private final int retries;
  private final int threads;
  private final TransferProgress progress;
  private final AtomicLong read = new AtomicLong();

  /**
   * Reads whole archives from this store, and shows how many bytes it has read.
   *
   * @param retries how often a range that failed is read again
   * @param threads that decompress
   */
  ArchiveBytes(ObjectStore store, int retries, int threads, TransferProgress progress) {
    this.store = store;
    this.retries = retries;
    this.threads = threads;
    this.progress = progress;
  }

  /** Bytes of archives that were read so far. */
  long read() {
    return read.get();
  }

  /** What is wrong with an archive, after all of it was read; nothing if it is sound. */
  List<Finding> prove(Published image, ObjectStat archive, Optional<ArchiveIndex> index)
      throws IOException {
    return reading(
        image,
        archive,
        in -> {
          if (index.isPresent()) {
            ArchiveProof.prove(
                in, index.get(), image.key().reference(), image.metadata().checksum(), threads);
          } else {
            proveWithoutIndex(image, in);
          }
        });
  }

  /** What is wrong with an archive, as far as its MD5 tells. */
  List<Finding> compareMd5(Published image, ObjectStat archive) throws IOException {
    return reading(
        image,
        archive,
        in -> {
          Hashed hashed = new Hashed(in);
          hashed.finish(image);
        });
  }

  /** An archive of the original: the image in it, and its MD5. */
  private static void proveWithoutIndex(Published image, InputStream in) throws IOException {
    Hashed hashed = new Hashed(in);
    LegacyArchives.verified(
        ImageSource.ofStream(hashed, image.archive().name())
            .withReference(image.key().reference().toString()),
        image.key().reference());
    hashed.finish(image);
  }

  private interface Reading {
    void of(InputStream archive) throws IOException;
  }

  private synchronized List<Finding> reading(Published image, ObjectStat archive, Reading reading)
      throws IOException {
    try (TransferProgress.Step step =
            progress.begin("verify " + image.key().reference(), archive.size());
        ArchiveStream in =
            new ArchiveStream(
                new ArchiveDownload(
                    store,
                    archive,
                    retries,
                    bytes -> {
                      read.addAndGet(bytes);
                      step.advance(bytes);
                    }),
                archive.size())) {
      reading.of(in);
      return List.of();
    } catch (CorruptArchiveException e) {
      return List.of(Finding.damage(archive.key(), "is damaged: " + e.getMessage(), FORCE));
    } catch (StoreFailedException e) {
      if (e.reason().kind() == StoreException.Kind.NOT_FOUND) {
        throw new ArchiveChangedException(archive);
      }
      throw e.reason();
    }
  }

  /** Hashes what is read through it. */
  private static final class Hashed extends DigestInputStream {
    Hashed(InputStream in) {
      super(in, Md5.start());
    }

    /** Reads what is left and compares. */
    void finish(Published image) throws IOException {
      transferTo(OutputStream.nullOutputStream());
      String found = HexFormat.of().formatHex(getMessageDigest().digest());
      if (!found.equals(image.metadata().checksum())) {
        throw new CorruptArchiveException(
            "its MD5 is %s, its metadata says %s".formatted(found, image.metadata().checksum()));
      }
    }

    /** Skipping would not hash. */
    @Override
    public long skip(long wanted) throws IOException {
      byte[] skipped = new byte[(int) Math.min(wanted, 8192)];
      return Math.max(read(skipped, 0, skipped.length), 0);
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
