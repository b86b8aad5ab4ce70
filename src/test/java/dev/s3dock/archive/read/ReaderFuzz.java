package dev.s3dock.archive.read;

import static dev.s3dock.testing.FuzzTarget.require;

import com.fasterxml.jackson.databind.JsonNode;
import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.CanonicalTar;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Json;
import dev.s3dock.archive.KeptArchives;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.oci.ImageLayout;
import dev.s3dock.archive.source.ImageScanner;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.FuzzTarget;
import dev.s3dock.testing.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The reader never gives wrong bytes: the right ones come to their end, or it says what is wrong.
 */
public final class ReaderFuzz {
  private static final int ARCHIVES = 2;

  private ReaderFuzz() {}

  /** Read when a target first runs, and not for the other targets. */
  private static final class Kept {
    static final List<StoredArchive> ARCHIVES =
        List.of(KeptArchives.read("gzip"), KeptArchives.read("zstd"));
    static final List<byte[]> TARS = ARCHIVES.stream().map(ReaderFuzz::tarOf).toList();
  }

  public static List<FuzzTarget> targets() {
    return List.of(
        FuzzTarget.of("reader-archive", CorruptArchiveException.class, ReaderFuzz::mutatedArchive),
        FuzzTarget.of("reader-index", CorruptArchiveException.class, ReaderFuzz::foreignIndex),
        FuzzTarget.of("layout-writer", IOException.class, ReaderFuzz::foreignLayout));
  }

  private static byte[] tarOf(StoredArchive stored) {
    try {
      return stored.tar();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first byte chooses the archive and the way of reading; then changes, eight bytes each. */
  private static void mutatedArchive(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    StoredArchive stored = Kept.ARCHIVES.get(Math.floorMod(input[0], ARCHIVES));
    byte[] archive = stored.bytes().clone();
    ByteBuffer changes = ByteBuffer.wrap(input, 1, input.length - 1);
    while (changes.remaining() >= 8) {
      change(archive, changes);
    }
    read(stored.index(), archive, input[0]);
  }

  private static void change(byte[] archive, ByteBuffer changes) {
    int place = Integer.remainderUnsigned(changes.getInt(), archive.length);
    int length = Math.min(archive.length - place, changes.get() & 0xff);
    int kind = changes.get() & 3;
    int value = changes.getShort() & 0xffff;
    switch (kind) {
      case 0 -> archive[place] ^= (byte) value;
      case 1 -> Arrays.fill(archive, place, place + length, (byte) value);
      case 2 -> System.arraycopy(archive, Math.min(value, place), archive, place, length);
      default -> System.arraycopy(archive, place, archive, Math.min(value, place), length);
    }
  }

  /** The first byte chooses the archive and the way of reading; the index is the rest. */
  private static void foreignIndex(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    JsonNode json = Json.parse(Arrays.copyOfRange(input, 1, input.length), "the index");
    ArchiveIndex index = ArchiveIndex.parse(json);
    read(index, Kept.ARCHIVES.get(Math.floorMod(input[0], ARCHIVES)).bytes(), input[0]);
  }

  private static void read(ArchiveIndex index, byte[] archive, int way) throws IOException {
    ArchiveReader reader =
        new ArchiveReader(
            index,
            StoredArchive.REFERENCE,
            (offset, length) -> range(archive, offset, length),
            StoredArchive.THREADS);
    byte[] right = Kept.TARS.get(Math.floorMod(way, ARCHIVES));
    switch (way >> 1 & 3) {
      case 0 -> requireSame(whole(reader, 1 << 16), right);
      case 1 -> requireSame(whole(reader, 777), right);
      case 2 -> partial(reader, index, right);
      default -> layout(reader, index);
    }
  }

  private static byte[] range(byte[] archive, long offset, int length) {
    int from = (int) Math.min(offset, archive.length);
    return Arrays.copyOfRange(archive, from, (int) Math.min(archive.length, offset + length));
  }

  private static byte[] whole(ArchiveReader reader, int step) throws IOException {
    byte[] read = new byte[2 << 20];
    int at = 0;
    try (InputStream in = reader.openTar()) {
      for (int count = 0; count >= 0; at += Math.max(count, 0)) {
        require(at + step <= read.length, "more bytes than there are");
        count = in.read(read, at, step);
      }
    }
    return Arrays.copyOf(read, at);
  }

  private static void requireSame(byte[] read, byte[] right) {
    require(Arrays.equals(read, right), "%d wrong bytes".formatted(read.length));
  }

  /** All but the biggest layer: what is there of the tar is its beginning and its end. */
  private static void partial(ArchiveReader reader, ArchiveIndex index, byte[] right)
      throws IOException {
    Digest left = index.layers().get(index.layers().size() / 2).diffId();
    byte[] read;
    try (InputStream in = reader.openTar(layer -> !layer.equals(left))) {
      read = in.readNBytes(right.length + 1);
    }
    int same = Arrays.mismatch(read, right);
    int tail = read.length - same;
    require(read.length < right.length && same > 0, "not without the layer");
    require(
        Arrays.equals(read, same, read.length, right, right.length - tail, right.length),
        "wrong bytes after the layer that was left out");
  }

  private static void layout(ArchiveReader reader, ArchiveIndex index) throws IOException {
    try (Scratch scratch = Scratch.open()) {
      Path layout = scratch.folder().resolve("layout");
      reader.writeOciLayout(layout);
      for (Digest layer : index.diffIds()) {
        byte[] blob = Files.readAllBytes(layout.resolve(CanonicalTar.blobName(layer)));
        require(Digest.of(blob).equals(layer), "a wrong layer in the layout");
      }
      ImageScanner.scan(ImageSource.of(layout));
    }
  }

  /** The index of a layout that somebody else has written, into which an image is put. */
  private static void foreignLayout(byte[] input) throws IOException {
    try (Scratch scratch = Scratch.open()) {
      scratch.write("layout/" + ImageLayout.MARKER, ImageLayout.marker());
      scratch.write("layout/" + ImageLayout.INDEX, input);
      Path layout = scratch.folder().resolve("layout");
      Kept.ARCHIVES.getFirst().reader().writeOciLayout(layout);
      JsonNode index = Json.parse(Files.readAllBytes(layout.resolve("index.json")), "index");
      require(index.path("manifests").size() > 0, "the image is not in the index");
      try (Stream<Path> all = Files.list(scratch.folder())) {
        require(all.toList().equals(List.of(layout)), "a file outside of the layout");
      }
    }
  }
}
