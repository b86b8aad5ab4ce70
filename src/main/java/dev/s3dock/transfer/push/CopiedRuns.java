package dev.s3dock.transfer.push;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.transfer.Md5;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Runs of bytes that were copied from archives of other apps, and what they have to be: read, where
 * the store does not tell by itself. May be told from several threads.
 */
final class CopiedRuns {
  private final List<Run> runs = new CopyOnWriteArrayList<>();

  private record Run(ObjectStat source, ByteRange range, String md5) {}

  /**
   * A run that was copied.
   *
   * @param md5 of the bytes that it should have, in hex
   */
  void add(ObjectStat source, ByteRange range, String md5) {
    runs.add(new Run(source, range, md5));
  }

  /**
   * Reads what was copied.
   *
   * @throws ReuseException if it is something else, or is not there any more
   */
  void verify(ObjectStore store) throws ReuseException {
    for (Run run : runs) {
      MessageDigest md5 = Md5.start();
      try (InputStream in = store.read(run.source.key(), run.range, run.source.etag())) {
        new DigestInputStream(in, md5).transferTo(OutputStream.nullOutputStream());
      } catch (IOException | StoreException e) {
        throw new ReuseException(
            "%s cannot be read to prove it: %s".formatted(run.source.key(), e.getMessage()));
      }
      if (!HexFormat.of().formatHex(md5.digest()).equals(run.md5)) {
        throw new ReuseException(run.source.key() + " does not hold the bytes that its index says");
      }
    }
  }
}
