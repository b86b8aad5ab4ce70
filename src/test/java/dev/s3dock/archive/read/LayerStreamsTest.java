package dev.s3dock.archive.read;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerStreamsTest {
  private static final ImageSpec SPEC =
      ImageSpec.empty().withFile("base", "base\n").withFile("top", ChunkerTest.seeded(6 << 20, 7));

  private static StoredArchive stored;
  private static LayerEntry layer;
  private static byte[] blob;

  @BeforeAll
  static void pack(@TempDir Path folder) throws IOException {
    Path file = TestImages.dockerSave(folder.resolve("image.tar"), SPEC, REFERENCE.toString());
    stored = StoredArchive.pack(ImageSource.ofFile(file), folder);
    layer = stored.index().layers().getLast();
    blob = stored.range(layer.offset(), (int) layer.length());
  }

  private static LayerStreams streams(byte[] archive) {
    RangeFetcher ranges =
        (offset, length) -> Arrays.copyOfRange(archive, (int) offset, (int) offset + length);
    return new LayerStreams(ChunkFetcher.uncached(ranges), 2);
  }

  @Test
  void a_layer_as_it_is_stored_is_one_gzip_file_of_the_digest_in_the_index() throws IOException {
    try (LayerStreams streams = streams(stored.bytes());
        InputStream in = streams.openStored(layer, 0)) {
      byte[] read = in.readAllBytes();
      assertThat(read).isEqualTo(blob);
      assertThat(Digest.of(read)).isEqualTo(layer.blob().orElseThrow());
      assertThat(Digest.of(new GZIPInputStream(new ByteArrayInputStream(read)).readAllBytes()))
          .isEqualTo(layer.diffId());
    }
  }

  @Test
  void the_rest_of_a_stored_layer_begins_anywhere() throws IOException {
    try (LayerStreams streams = streams(stored.bytes())) {
      for (int from : new int[] {1, layer.chunks().getFirst().length(), blob.length - 1}) {
        try (InputStream in = streams.openStored(layer, from)) {
          assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(blob, from, blob.length));
        }
      }
    }
  }

  /** Whatever the wrong byte is, and wherever the reader began. */
  @Test
  void the_last_chunk_of_a_stored_layer_is_not_handed_out_where_any_byte_is_wrong() {
    byte[] archive = stored.bytes().clone();
    archive[(int) layer.offset() + 9] ^= 1; // in a header: it would be decompressed all the same
    long last = layer.length() - layer.chunks().getLast().length();
    for (long from : new long[] {0, 100_000, last + 1}) {
      long[] read = {from};
      assertThatExceptionOfType(CorruptArchiveException.class)
          .isThrownBy(
              () -> {
                try (LayerStreams streams = streams(archive);
                    InputStream in = streams.openStored(layer, from)) {
                  for (int b = in.read(); b >= 0; b = in.read()) {
                    read[0]++;
                  }
                }
              });
      assertThat(read[0]).isLessThanOrEqualTo(Math.max(from, last));
    }
  }
}
