package dev.s3dock.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.read.ArchiveReader;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ArchiveInput;
import dev.s3dock.archive.write.ArchivePacker;
import dev.s3dock.archive.write.PackedImage;
import dev.s3dock.image.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** An archive as a bucket would hold it: its bytes and its index. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record StoredArchive(byte[] bytes, ArchiveIndex index, String md5Hex) {
  public static final ImageReference REFERENCE =
      ImageReference.parse("my-app:20250721-2118-f7a5a27");
  public static final int THREADS = 2;

  public static StoredArchive pack(ImageSource source, Path spoolDirectory) throws IOException {
    return pack(source, spoolDirectory, ChunkCodec.standard());
  }

  public static StoredArchive pack(ImageSource source, Path spoolDirectory, Compression compression)
      throws IOException {
    ArchivePacker packer =
        new ArchivePacker(spoolDirectory, compression, THREADS, ChunkCache.none());
    try (PackedImage packed = packer.pack(source, REFERENCE, raw -> {});
        ArchiveInput in = packed.open()) {
      byte[] bytes = in.readAllBytes();
      if (bytes.length != packed.size()) {
        throw new AssertionError("announced " + packed.size() + " bytes, sent " + bytes.length);
      }
      return new StoredArchive(bytes, in.index(), in.md5Hex());
    }
  }

  public byte[] range(long offset, int length) {
    return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
  }

  public ArchiveReader reader() {
    return new ArchiveReader(index, REFERENCE, this::range, THREADS);
  }

  public byte[] tar() throws IOException {
    try (InputStream in = reader().openTar()) {
      return in.readAllBytes();
    }
  }

  /** The same bytes, with the index as it comes out of its JSON. */
  public StoredArchive reread() throws CorruptArchiveException {
    try {
      JsonNode json = new ObjectMapper().readTree(index.toJson().toString());
      return new StoredArchive(bytes, ArchiveIndex.parse(json), md5Hex);
    } catch (CorruptArchiveException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
