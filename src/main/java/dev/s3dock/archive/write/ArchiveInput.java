package dev.s3dock.archive.write;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.LeadingLayers;
import dev.s3dock.archive.Md5State;
import dev.s3dock.archive.Tail;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.oci.ImageManifest;
import dev.s3dock.image.Digest;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.crypto.digests.MD5Digest;

/**
 * The bytes of an archive in order, from the end of its {@link LeadingLayers} on. At their end it
 * knows the MD5 and the index of the whole archive. For one thread.
 */
public final class ArchiveInput extends BlockInputStream {
  private final PackedImage image;
  private final MD5Digest md5;
  private MessageDigest blob = Digest.start();
  private final List<LayerEntry> layers;
  private int between; // number of the chunk between layers that is being read, or was last
  private long done; // of it, and of the layer after it
  private long offset;
  private String md5Hex = "";

  ArchiveInput(PackedImage image) {
    this.image = image;
    this.md5 = image.leading().md5().map(Md5State::resume).orElseGet(MD5Digest::new);
    this.layers = new ArrayList<>(image.leading().layers());
    this.offset = image.leading().length();
  }

  @Override
  public int read(byte[] buffer, int start, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    byte[] small = image.before(between);
    int count;
    if (done < small.length) {
      count = (int) Math.min(length, small.length - done);
      System.arraycopy(small, (int) done, buffer, start, count);
    } else if (between == image.layers().size()) {
      finish();
      return -1;
    } else {
      count = readLayer(image.layers().get(between), done - small.length, buffer, start, length);
    }
    md5.update(buffer, start, count);
    if (done >= small.length && between < image.layers().size()) {
      blob.update(buffer, start, count);
    }
    offset += count;
    done += count;
    if (between < image.layers().size()
        && done == small.length + image.layers().get(between).length()) {
      endLayer(image.layers().get(between));
    }
    return count;
  }

  private int readLayer(PackedLayer layer, long at, byte[] buffer, int start, int length)
      throws IOException {
    int most = (int) Math.min(length, layer.length() - at);
    return image.spool().read(layer.offset() + at, buffer, start, most);
  }

  private void endLayer(PackedLayer layer) {
    long shift = offset - layer.chunks().getLast().end();
    List<Chunk> chunks =
        layer.chunks().stream()
            .map(m -> new Chunk(m.offset() + shift, m.length(), m.rawLength(), m.digest()))
            .toList();
    layers.add(
        new LayerEntry(
            layer.diffId(), layer.size(), chunks, Md5State.of(md5), Optional.of(Digest.of(blob))));
    blob = Digest.start();
    between++;
    done = 0;
  }

  private void finish() {
    if (md5Hex.isEmpty()) {
      byte[] hash = new byte[md5.getDigestSize()];
      md5.doFinal(hash, 0);
      md5Hex = HexFormat.of().formatHex(hash);
    }
  }

  /**
   * MD5 of the whole archive, 32 hex digits.
   *
   * @throws IllegalStateException before the end has been read
   */
  public String md5Hex() {
    requireEnd();
    return md5Hex;
  }

  /**
   * The index of the archive, without the store's token.
   *
   * @throws IllegalStateException before the end has been read
   */
  public ArchiveIndex index() {
    requireEnd();
    int tail = image.before(between).length;
    Digest imageId = image.imageId();
    return new ArchiveIndex(
        ArchiveIndex.FORMAT,
        imageId,
        image.platform(),
        image.compression(),
        Optional.of(ChunkCodec.fingerprint(image.compression())),
        Optional.empty(),
        layers,
        new Tail(offset - tail, tail),
        ImageManifest.compressed(image.config(), image.compression().algorithm(), layers)
            .map(ImageManifest::descriptor),
        ArchiveIndex.shortConfig(image.config().bytes()));
  }

  private void requireEnd() {
    if (md5Hex.isEmpty()) {
      throw new IllegalStateException("the archive has not been read to its end");
    }
  }
}
