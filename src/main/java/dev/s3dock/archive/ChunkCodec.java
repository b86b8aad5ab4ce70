package dev.s3dock.archive;

/**
 * The compressed pieces of an archive: gzip members or zstd frames, which their bytes tell apart.
 */
final class ChunkCodec {
  private ChunkCodec() {}

  /** The bytes that every chunk begins with. */
  static byte[] start(Compression.Algorithm algorithm) {
    return switch (algorithm) {
      case GZIP -> GzipMember.header();
      case ZSTD -> ZstdFrame.magic();
    };
  }

  static byte[] compress(byte[] raw, Compression compression) {
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
  static int statedRawLength(byte[] chunk, int limit) throws CorruptArchiveException {
    return ZstdFrame.beginsAt(chunk, 0)
        ? ZstdFrame.statedRawLength(chunk, limit)
        : GzipMember.statedRawLength(chunk, limit);
  }

  /**
   * Decompresses what must be exactly these bytes and hold exactly so many.
   *
   * @throws CorruptArchiveException if it does not
   */
  static byte[] decompress(byte[] bytes, int offset, int length, int rawLength)
      throws CorruptArchiveException {
    return ZstdFrame.beginsAt(bytes, offset)
        ? ZstdFrame.decompress(bytes, offset, length, rawLength)
        : GzipMember.decompress(bytes, offset, length, rawLength, Deflate.best());
  }
}
