package dev.s3dock.archive.read;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.Chunk;
import dev.s3dock.archive.Compression;
import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.Descriptor;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.archive.Sources;
import dev.s3dock.archive.StoredArchive;
import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole archive is proved, also where no reader looks. */
class ArchiveProofTest {
  @TempDir Path spool;

  private StoredArchive pack(Compression.Algorithm algorithm) throws IOException {
    ImageSpec spec =
        ImageSpec.small()
            .withFile("large", ChunkerTest.seeded(20 << 20, 3))
            .withFile("after", "it\n");
    ImageSource source =
        Sources.tar(TestImages.dockerSaveFiles(spec, StoredArchive.REFERENCE.toString()));
    return StoredArchive.pack(source, spool, new Compression(algorithm, 1)).reread();
  }

  private static void prove(StoredArchive archive, byte[] bytes) throws IOException {
    prove(archive, bytes, StoredArchive.REFERENCE, archive.md5Hex());
  }

  private static void prove(
      StoredArchive archive, byte[] bytes, ImageReference reference, String md5)
      throws IOException {
    ArchiveProof.prove(
        new ByteArrayInputStream(bytes), archive.index(), reference, md5, StoredArchive.THREADS);
  }

  private static void corrupt(StoredArchive archive, long place, String message) {
    byte[] bytes = archive.bytes().clone();
    bytes[(int) place] ^= 1;
    assertThatThrownBy(() -> prove(archive, bytes))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @EnumSource
  void every_part_of_an_archive_is_proved(Compression.Algorithm algorithm) throws IOException {
    StoredArchive archive = pack(algorithm);
    assertThatCode(() -> prove(archive, archive.bytes())).doesNotThrowAnyException();
    LayerEntry large = archive.index().layers().get(2);
    corrupt(archive, 20, "the header before layer " + archive.index().diffIds().getFirst());
    corrupt(archive, large.offset() - 5, "the header before layer " + large.diffId());
    Chunk third = large.chunks().get(2);
    corrupt(archive, third.offset() + 1000, "the archive at byte " + third.offset());
    corrupt(archive, archive.bytes().length - 3, "");
  }

  @Test
  void checksum_reference_and_size_are_proved() throws IOException {
    StoredArchive archive = pack(Compression.Algorithm.GZIP);
    String other = "0".repeat(32);
    assertThatThrownBy(() -> prove(archive, archive.bytes(), StoredArchive.REFERENCE, other))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("has the MD5 " + archive.md5Hex())
        .hasMessageContaining(other);
    assertThatThrownBy(
            () ->
                prove(
                    archive,
                    archive.bytes(),
                    ImageReference.parse(Sources.OTHER),
                    archive.md5Hex()))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining("the end of the archive is not what image");
    byte[] cut = Arrays.copyOf(archive.bytes(), archive.bytes().length - 1);
    assertThatThrownBy(() -> prove(archive, cut)).isInstanceOf(EOFException.class);
  }

  /** Later pushes on the same base take them over, and a registry serves by them. */
  @Test
  void forged_digests_of_the_compressed_layers_and_of_the_manifest_are_found() throws IOException {
    StoredArchive archive = pack(Compression.Algorithm.GZIP);
    String blob = archive.index().layers().getFirst().blob().orElseThrow().toString();
    Descriptor manifest = archive.index().manifest().orElseThrow();
    refused(archive, blob, "the compressed layer " + archive.index().diffIds().getFirst());
    refused(archive, manifest.digest().toString(), "the served manifest");
    refused(archive, manifest.mediaType(), "the served manifest");
  }

  private static void refused(StoredArchive archive, String text, String message)
      throws IOException {
    String forged = text.substring(0, text.length() - 1) + (text.endsWith("0") ? "1" : "0");
    ArchiveIndex index =
        ArchiveIndex.parse(
            Sources.JSON.readTree(archive.index().toJson().toString().replace(text, forged)));
    assertThatThrownBy(
            () ->
                prove(new StoredArchive(archive.bytes(), index, archive.md5Hex()), archive.bytes()))
        .isInstanceOf(CorruptArchiveException.class)
        .hasMessageContaining(message);
  }
}
