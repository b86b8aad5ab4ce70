package dev.s3dock.archive.read;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.Md5State;
import dev.s3dock.archive.oci.ImageManifest;
import dev.s3dock.concurrent.OrderedWindow;
import dev.s3dock.concurrent.Tasks;
import dev.s3dock.image.Digest;
import dev.s3dock.image.ImageReference;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.bouncycastle.crypto.digests.MD5Digest;

/**
 * Reads a whole archive, from its first byte to its last, and proves each of them: the chunks
 * between the layers and in them, the diff_ids, the digests of the compressed layers, the tail, the
 * manifest of all that, the MD5 of everything and the states that it had at the ends of the layers.
 * Where {@link ArchiveReader} fetches what an image needs, this tells whether an archive is what
 * its index and its metadata say.
 *
 * <p>Memory: the chunks ahead weigh at most {@value #WINDOW_BYTES} bytes, compressed and raw
 * together.
 */
public final class ArchiveProof implements AutoCloseable {
  private static final long WINDOW_BYTES = 48 << 20;

  private final ArchiveIndex index;
  private final ImageReference reference;
  private final InputStream archive;
  private final MD5Digest md5 = new MD5Digest();
  private final ExecutorService workers;

  private ArchiveProof(
      ArchiveIndex index, ImageReference reference, InputStream archive, int threads) {
    this.index = index;
    this.reference = reference;
    this.archive = archive;
    this.workers = Tasks.processorThreads(threads, "s3dock-verify");
  }

  /**
   * Proves an archive.
   *
   * @param archive of as many bytes as the index says; not closed
   * @param reference the image's name in the archive
   * @param checksum MD5 of the archive, in hex
   * @param threads that decompress, at least 1
   * @throws CorruptArchiveException if it is not what index, reference and checksum say
   * @throws IOException what reading it throws
   */
  public static void prove(
      InputStream archive,
      ArchiveIndex index,
      ImageReference reference,
      String checksum,
      int threads)
      throws IOException {
    try (ArchiveProof proof = new ArchiveProof(index, reference, archive, threads)) {
      Iterator<Chunk> between = index.between().iterator();
      for (LayerEntry layer : index.layers()) {
        proof.between(layer, between.next());
        proof.layer(layer);
      }
      proof.manifest(ArchiveTail.parse(proof.take(index.tail().length()), index, reference));
      proof.end(checksum);
    }
  }

  private void between(LayerEntry layer, Chunk chunk) throws IOException {
    byte[] bytes = take(chunk.length());
    try {
      new StoredChunk(chunk, bytes, 0, false).decompress();
    } catch (CorruptArchiveException e) {
      throw new CorruptArchiveException(
          "the header before layer %s is damaged: %s".formatted(layer.diffId(), e.getMessage()), e);
    }
  }

  private void layer(LayerEntry layer) throws IOException {
    MessageDigest sha256 = Digest.start();
    MessageDigest blob = Digest.start();
    OrderedWindow<byte[]> ahead = new OrderedWindow<>(workers, WINDOW_BYTES);
    for (Chunk chunk : layer.chunks()) {
      byte[] bytes = take(chunk.length());
      blob.update(bytes);
      ahead.submit(
          (long) chunk.length() + chunk.rawLength(),
          () -> new StoredChunk(chunk, bytes, 0, false).decompress());
      while (!ahead.hasRoom(0)) {
        sha256.update(ahead.take());
      }
    }
    Md5State state = Md5State.of(md5);
    while (!ahead.isEmpty()) {
      sha256.update(ahead.take());
    }
    Digest digest = Digest.of(sha256);
    if (!digest.equals(layer.diffId())) {
      throw new CorruptArchiveException(
          "the layer %s has the digest %s".formatted(layer.diffId(), digest));
    }
    Digest compressed = Digest.of(blob);
    if (layer.blob().filter(said -> !said.equals(compressed)).isPresent()) {
      throw new CorruptArchiveException(
          "the compressed layer %s has the digest %s, not the one that the index says"
              .formatted(layer.diffId(), compressed));
    }
    if (!state.equals(layer.md5AtEnd())) {
      throw new CorruptArchiveException(
          "its bytes up to the end of layer %s have another MD5 state than the index says"
              .formatted(layer.diffId()));
    }
  }

  private void manifest(ArchiveTail tail) throws CorruptArchiveException {
    if (index.manifest().isEmpty()) {
      return;
    }
    Optional<Descriptor> made =
        ImageManifest.compressed(tail.config(), index.compression().algorithm(), index.layers())
            .map(ImageManifest::descriptor);
    if (!made.equals(index.manifest())) {
      throw new CorruptArchiveException(
          "the served manifest of %s is another one than the index says".formatted(reference));
    }
  }

  private byte[] take(int length) throws IOException {
    byte[] bytes = archive.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the archive ended before its %d bytes".formatted(index.size()));
    }
    md5.update(bytes, 0, length);
    return bytes;
  }

  private void end(String checksum) throws CorruptArchiveException {
    byte[] digest = new byte[md5.getDigestSize()];
    md5.doFinal(digest, 0);
    String found = HexFormat.of().formatHex(digest);
    if (!found.equals(checksum)) {
      throw new CorruptArchiveException(
          "the archive of %s has the MD5 %s, its metadata says %s"
              .formatted(reference, found, checksum));
    }
  }

  /** Stops the threads, without waiting for them. */
  @Override
  public void close() {
    Tasks.stop(workers);
  }
}
