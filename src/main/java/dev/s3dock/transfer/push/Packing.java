package dev.s3dock.transfer.push;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.Compression.Choice;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.write.ArchivePacker;
import dev.s3dock.archive.write.ChunkCache;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalInt;

/**
 * How to pack. The compressor is not looked for before something is packed.
 *
 * @param spool folder for the compressed layers on their way
 * @param threads that compress
 * @param force sends also what is published already, to mend an archive that is damaged
 * @param cache folder for what is kept between pushes; need not exist
 * @param cacheBytes most bytes of compressed chunks in it; 0 for none
 */
public record Packing(
    Path spool, Choice choice, int threads, boolean force, Path cache, long cacheBytes) {
  Compression compression() {
    return ChunkCodec.resolve(choice);
  }

  ChunkCache openCache(Clock clock) {
    return cacheBytes == 0
        ? ChunkCache.none()
        : ChunkCache.open(cache.resolve("members"), compression(), cacheBytes, clock);
  }

  ArchivePacker packer(ChunkCache chunks) {
    return new ArchivePacker(spool, compression(), threads, chunks);
  }

  /** The same with another algorithm, at its usual level. */
  Packing with(Compression.Algorithm algorithm) {
    Choice other = new Choice(algorithm, OptionalInt.empty());
    return new Packing(spool, other, threads, force, cache, cacheBytes);
  }
}
