package dev.s3dock.archive;

import static dev.s3dock.archive.StoredArchive.REFERENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.source.ImageSource;
import dev.s3dock.archive.write.ChunkerTest;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.Packaging;
import dev.s3dock.testing.TestTar;
import dev.s3dock.testing.engine.BuiltImage;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Any image comes back as it was, from any form. */
class RoundTripTest {
  private Path spool = Path.of("");

  @BeforeProperty
  void makeSpool() throws IOException {
    spool = Files.createTempDirectory("s3dock-test-");
  }

  @AfterProperty
  void removeSpool() throws IOException {
    Files.delete(spool); // fails if the packer left something
  }

  @Provide
  Arbitrary<ImageSpec> images() {
    Arbitrary<String> names = Arbitraries.strings().withChars("ab/").ofMinLength(1).ofMaxLength(9);
    Arbitrary<byte[]> contents =
        Combinators.combine(Arbitraries.integers().between(0, 3 << 19), Arbitraries.longs())
            .as(ChunkerTest::seeded);
    Arbitrary<Map<String, byte[]>> layers =
        Arbitraries.maps(names.map(name -> "f" + name + "e"), contents).ofMaxSize(3);
    return layers
        .list()
        .ofMaxSize(5)
        .map(
            list -> {
              ImageSpec spec = ImageSpec.empty();
              for (Map<String, byte[]> layer : list) {
                spec = spec.withLayer(new TreeMap<>(layer));
              }
              return spec;
            });
  }

  @Property(tries = 25)
  void an_image_comes_back_as_it_was(
      @ForAll("images") ImageSpec spec,
      @ForAll Packaging layers,
      @ForAll Packaging whole,
      @ForAll Compression.Algorithm algorithm)
      throws IOException {
    BuiltImage image = new BuiltImage(spec);
    byte[] tar = TestTar.of(TestImages.ociFiles(spec, REFERENCE.toString(), layers));
    ImageSource source =
        ImageSource.ofStream(new ByteArrayInputStream(whole.apply(tar)), "test image");
    StoredArchive stored =
        StoredArchive.pack(source, spool, new Compression(algorithm, 1)).reread();
    Map<String, Digest> files = digests(stored.tar());
    for (Digest diffId : image.diffIds()) {
      assertThat(files).containsEntry("blobs/sha256/" + diffId.hex(), diffId);
    }
    assertThat(files).containsEntry("blobs/sha256/" + image.imageId().hex(), image.imageId());
    assertThat(files).hasSize((int) image.diffIds().stream().distinct().count() + 5);
  }

  private static Map<String, Digest> digests(byte[] tar) throws IOException {
    Map<String, Digest> files = new TreeMap<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      TarArchiveEntry entry = in.getNextEntry();
      while (entry != null) {
        files.put(entry.getName(), Digest.of(in.readAllBytes()));
        entry = in.getNextEntry();
      }
    }
    return files;
  }
}
