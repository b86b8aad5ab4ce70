package dev.s3dock.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers are part of format 1: the vectors here are those of docs/archive-format.md. */
@Isolated // one of its tests changes a system property
class CanonicalTarTest {
  private static final String NAME = CanonicalTar.blobName(new Digest("0".repeat(64)));

  @Test
  void published_vectors() {
    assertThat(Digest.of(CanonicalTar.header(NAME, 1024)).hex())
        .isEqualTo("bbdf0c0d0d0be2e31c24bc7ee8e599561d5ae674401c1380ad6e04df8ae51929");
    assertThat(Digest.of(CanonicalTar.header(NAME, 8L << 30)).hex())
        .isEqualTo("e8b36514866c3e3d3aaf553434cf28d40756c959dc877bcd1cfac132bd9c2d44");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 512, (8L << 30) - 1, 8L << 30, 1L << 40, Long.MAX_VALUE})
  void headers_are_read_as_they_were_meant(long size) throws IOException {
    byte[] header = CanonicalTar.header(NAME, size);
    assertThat(header.length).isEqualTo(size < 8L << 30 ? 512 : 3 * 512);
    TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(header));
    TarArchiveEntry entry = tar.getNextEntry();
    assertThat(entry.getName()).isEqualTo(NAME);
    assertThat(entry.getSize()).isEqualTo(size);
    assertThat(entry.getMode()).isEqualTo(0644);
    assertThat(entry.getLongUserId()).isZero();
    assertThat(entry.getLongGroupId()).isZero();
    assertThat(entry.getUserName()).isEmpty();
    assertThat(entry.getGroupName()).isEmpty();
    assertThat(entry.getLastModifiedTime()).isEqualTo(FileTime.fromMillis(0));
    assertThat(entry.isFile()).isTrue();
  }

  @Test
  void nothing_of_the_machine_is_in_a_header() {
    String user = System.getProperty("user.name");
    System.setProperty("user.name", "somebody");
    try {
      String header = new String(CanonicalTar.header(NAME, 9L << 30), StandardCharsets.ISO_8859_1);
      assertThat(header).doesNotContain("somebody");
    } finally {
      System.setProperty("user.name", user);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 511, 512, 513, 1024, (8L << 30) + 7})
  void padding_fills_the_block(long size) {
    assertThat((size + CanonicalTar.padding(size).length) % 512).isZero();
    assertThat(CanonicalTar.padding(size).length).isLessThan(512);
  }
}
