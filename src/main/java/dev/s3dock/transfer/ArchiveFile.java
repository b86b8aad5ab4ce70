package dev.s3dock.transfer;

import dev.s3dock.registry.Published;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** Reads an archive whole into a file, several ranges at once, and verifies its MD5. */
public final class ArchiveFile {
  /** Most bytes of one request. */
  public static final int RANGE_BYTES = 8 << 20;

  private final ObjectStore store;
  private final int retries;
  private final TransferProgress progress;

  public ArchiveFile(ObjectStore store, int retries, TransferProgress progress) {
    this.store = store;
    this.retries = retries;
    this.progress = progress;
  }

  /**
   * Reads into the file, over what it holds.
   *
   * @throws TransferException {@link TransferException.Kind#INTEGRITY} if size or MD5 are not what
   *     the metadata says
   */
  void download(Published published, Path file) throws IOException {
    ObjectStat archive = archiveOf(store, published);
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        TransferProgress.Step step = progress.begin("download", archive.size())) {
      fetch(
          archive,
          new Coverage(archive.size()).missing(1, RANGE_BYTES),
          step,
          (offset, bytes) -> {
            while (bytes.hasRemaining()) {
              channel.write(bytes, offset + bytes.position());
            }
          });
    }
    if (!isComplete(published, file)) {
      throw damaged(published);
    }
  }

  /** Takes the bytes of a range. Called from several threads. */
  public interface Sink {
    void take(long offset, ByteBuffer bytes) throws IOException;
  }

  /** Reads these ranges, several at once, in no particular order. */
  public void fetch(
      ObjectStat archive, List<ByteRange> ranges, TransferProgress.Step step, Sink sink)
      throws IOException {
    ArchiveDownload download = new ArchiveDownload(store, archive, retries, step);
    try (InFlight requests = new InFlight(ArchiveDownload.PARALLEL)) {
      for (ByteRange range : ranges) {
        requests.submit(
            1,
            () ->
                () -> {
                  byte[] bytes = download.fetch(range.offset(), (int) range.length());
                  sink.take(range.offset(), ByteBuffer.wrap(bytes));
                  return range;
                });
      }
      requests.await();
    }
  }

  /** The archive of a published image; its absence is damage. */
  public static ObjectStat archiveOf(ObjectStore store, Published published) {
    ObjectStat archive =
        store
            .head(published.archive())
            .orElseThrow(
                () ->
                    integrity(
                        published, "is missing while its metadata is there; push the image again"));
    if (archive.size() != published.metadata().size()) {
      throw integrity(
          published,
          "has %d bytes, its metadata says %d; push the image again"
              .formatted(archive.size(), published.metadata().size()));
    }
    return archive;
  }

  private static TransferException integrity(Published published, String what) {
    return new TransferException(
        TransferException.Kind.INTEGRITY, published.archive() + " " + what);
  }

  /** True if the file has the MD5 that the metadata says. */
  public static boolean isComplete(Published published, Path file) throws IOException {
    MessageDigest md5 = Md5.start();
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n; (n = in.read(buffer)) > 0; ) {
        md5.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(md5.digest()).equals(published.metadata().checksum());
  }

  /** The stored archive is not what its metadata says. */
  public static TransferException damaged(Published published) {
    return integrity(
        published,
        "does not have the MD5 that its metadata says; push it again with --force from where it was built");
  }
}
