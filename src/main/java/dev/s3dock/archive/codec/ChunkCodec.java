package dev.s3dock.archive.codec;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.CorruptArchiveException;

/**
 * The compressed pieces of an archive: gzip members or zstd frames, which their bytes tell apart.
 */
public final class ChunkCodec {
  /** The library's own default. */
  private static final int ZSTD_LEVEL = 3;

  private ChunkCodec() {}

  /** What is used when nothing is configured: gzip at the level that suits this machine. */
  public static Compression standard() {
    return standard(Compression.Algorithm.GZIP);
  }

  /** An algorithm at the level that is used when none is configured. */
  private static Compression standard(Compression.Algorithm algorithm) {
    return switch (algorithm) {
      case GZIP -> Compression.gzip(Deflate.best().defaultLevel());
      case ZSTD -> new Compression(Compression.Algorithm.ZSTD, ZSTD_LEVEL);
    };
  }

  /** What a configured compression means on this machine. */
  public static Compression resolve(Compression.Choice choice) {
    return choice.level().isPresent()
        ? new Compression(choice.algorithm(), choice.level().getAsInt())
        : standard(choice.algorithm());
  }

  /**
   * Which compressor runs here, and what it makes of bytes: where two fingerprints are equal, so
   * are the chunks. A few milliseconds at the first call.
   *
   * @return such as {@code libdeflate:1a2b3c4d}
   */
  public static String fingerprint(Compression compression) {
    return Fingerprint.of(compression);
  }

  /** The bytes that every chunk begins with. */
  public static byte[] start(Compression.Algorithm algorithm) {
    return switch (algorithm) {
      case GZIP -> GzipMember.header();
      case ZSTD -> ZstdFrame.magic();
    };
  }

  public static byte[] compress(byte[] raw, Compression compression) {
    return switch (compression.algorithm()) {
      case GZIP -> GzipMember.compress(raw, compression.level(), Deflate.best());
      case ZSTD -> ZstdFrame.compress(raw, compression.level());
    };
  }

  /**
   * Raw length as the bytes state it.
   *
   * @throws CorruptArchiveException if it is more than {@code limit}
   */
  public static int statedRawLength(byte[] chunk, int limit) throws CorruptArchiveException {
    return ZstdFrame.beginsAt(chunk, 0)
        ? ZstdFrame.statedRawLength(chunk, limit)
        : GzipMember.statedRawLength(chunk, limit);
  }

  /**
   * Decompresses what must be exactly these bytes and hold exactly so many.
   *
   * @throws CorruptArchiveException if it does not
   */
  public static byte[] decompress(byte[] bytes, int offset, int length, int rawLength)
      throws CorruptArchiveException {
    return ZstdFrame.beginsAt(bytes, offset)
        ? ZstdFrame.decompress(bytes, offset, length, rawLength)
        : GzipMember.decompress(bytes, offset, length, rawLength, Deflate.best());
  }
}
