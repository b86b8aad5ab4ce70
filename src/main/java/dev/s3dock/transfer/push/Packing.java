package dev.s3dock.transfer.push;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.Compression.Choice;
import dev.s3dock.archive.cache.ChunkCache;
import dev.s3dock.archive.cache.ChunkCache.Limit;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.archive.write.ArchivePacker;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalInt;
import java.util.function.Consumer;

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

  /**
   * What this compressor has made before.
   *
   * @param told why nothing is kept
   */
  ChunkCache openCache(Clock clock, Consumer<String> told) {
    if (cacheBytes == 0) {
      return ChunkCache.none();
    }
    String compressor = ChunkCodec.fingerprint(compression()).replace(':', '-');
    Path folder = cache.resolve("members").resolve(compressor);
    removePacks(folder);
    return ChunkCache.open(folder, Limit.of(cacheBytes), clock, told);
  }

  /** In which s3dock kept chunks before, many in a file. */
  private static void removePacks(Path folder) {
    try (DirectoryStream<Path> packs = Files.newDirectoryStream(folder, "*.members")) {
      for (Path pack : packs) {
        Files.deleteIfExists(pack);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // there is no such folder, or it is not ours: they stay
    }
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
