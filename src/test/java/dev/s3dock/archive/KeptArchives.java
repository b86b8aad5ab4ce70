package dev.s3dock.archive;

import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.Scratch;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Archives that were written once and are kept, so that what is found with them today is found
 * tomorrow, whatever compressor the machine has: {@code src/test/resources/kept-archives}.
 */
public final class KeptArchives {
  private static final Path FOLDER = Path.of("src/test/resources/kept-archives");

  private KeptArchives() {}

  /** The one of this name, {@code gzip} or {@code zstd}. */
  public static StoredArchive read(String name) {
    try {
      byte[] json = Files.readAllBytes(FOLDER.resolve(name + ".json"));
      return new StoredArchive(
          Files.readAllBytes(FOLDER.resolve(name + ".archive")),
          ArchiveIndex.parse(Json.parse(json, name)),
          "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes them; the seeds of the targets {@code archive-index} and {@code reader-index} too. */
  public static void main(String[] args) throws IOException {
    Files.createDirectories(FOLDER);
    String[] names = {"gzip", "zstd"};
    for (int i = 0; i < names.length; i++) {
      StoredArchive stored = pack(names[i] + ":6");
      byte[] json = Json.bytes(stored.index().toJson());
      Files.write(FOLDER.resolve(names[i] + ".archive"), stored.bytes());
      Files.write(FOLDER.resolve(names[i] + ".json"), json);
      seed("archive-index", names[i], json);
      for (int way = 0; way < 4; way++) {
        byte[] start = {(byte) (way * 2 + i)};
        seed("reader-index", names[i] + "-" + way, CanonicalTar.concat(start, json));
      }
    }
  }

  private static void seed(String target, String name, byte[] bytes) throws IOException {
    Path folder = Files.createDirectories(Path.of("src/test/resources/fuzz", target));
    Files.write(folder.resolve(name), bytes);
  }

  /** Three layers, the one in the middle of several chunks. */
  private static StoredArchive pack(String compression) throws IOException {
    byte[] block = Noise.of(1, 1024);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1500; i++) {
      text.append(i * 7919 % 1500).append(new String(block, StandardCharsets.ISO_8859_1));
    }
    ImageSpec spec =
        ImageSpec.empty()
            .withFile("a", "first\n")
            .withFile("b", text.toString().getBytes(StandardCharsets.ISO_8859_1))
            .withFile("c", "last\n");
    try (Scratch scratch = Scratch.open()) {
      String name = StoredArchive.REFERENCE.toString();
      Path file = TestImages.dockerSave(scratch.folder().resolve("image.tar"), spec, name);
      return StoredArchive.pack(
          ImageSource.ofFile(file), scratch.folder(), Compression.parse(compression));
    }
  }
}
