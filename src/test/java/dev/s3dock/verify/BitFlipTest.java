package dev.s3dock.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.verify.Finding.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** One bit of what is stored is another one. */
class BitFlipTest {
  private static final String ARCHIVE = VerifiedBucket.STEM + ".tar.gz";
  private static final String METADATA = VerifiedBucket.STEM + ".json";
  private static final int MANY = 100_000_000;

  private Path spool = Path.of("");
  private byte[] archive = {};
  private byte[] metadata = {};
  private String manifestKey = "";
  private byte[] manifest = {};

  @BeforeProperty
  void push() throws IOException {
    spool = Files.createTempDirectory("s3dock-test-");
    byte[] noise = Noise.of(1, 600 << 10);
    VerifiedBucket bucket = new VerifiedBucket(new MemoryObjectStore(), spool);
    bucket.pushing.push(VerifiedBucket.IMAGE, ImageSpec.small().withFile("noise", noise));
    archive = bucket.bytes(ARCHIVE);
    metadata = bucket.bytes(METADATA);
    manifestKey = bucket.store.list("manifests/").toList().getFirst().key().value();
    manifest = bucket.bytes(manifestKey);
  }

  @AfterProperty
  void remove() throws IOException {
    Files.delete(spool);
  }

  private VerifiedBucket bucket() {
    VerifiedBucket bucket = new VerifiedBucket(new MemoryObjectStore(), spool);
    bucket.put(ARCHIVE, archive);
    bucket.put(METADATA, metadata);
    bucket.put(manifestKey, manifest);
    return bucket;
  }

  private static byte[] flipped(byte[] bytes, int place, int bit) {
    byte[] other = bytes.clone();
    other[place % bytes.length] ^= (byte) (1 << bit);
    return other;
  }

  @Property(tries = 400)
  void any_flipped_bit_of_an_archive_is_found(
      @ForAll @IntRange(max = MANY) int place, @ForAll @IntRange(max = 7) int bit) {
    VerifiedBucket bucket = bucket();
    bucket.put(ARCHIVE, flipped(archive, place, bit));
    assertThat(bucket.all(true))
        .singleElement()
        .satisfies(it -> assertThat(it.key()).isEqualTo(ARCHIVE))
        .satisfies(it -> assertThat(it.severity()).isEqualTo(Severity.DAMAGE));
  }

  @Property(tries = 100)
  void any_flipped_bit_of_the_end_of_an_archive_is_found(
      @ForAll @IntRange(max = 1500) int place, @ForAll @IntRange(max = 7) int bit) {
    VerifiedBucket bucket = bucket();
    bucket.put(ARCHIVE, flipped(archive, archive.length - 1 - place, bit));
    assertThat(bucket.all(true)).extracting(Finding::severity).containsExactly(Severity.DAMAGE);
  }

  /** What was flipped may be the time of the push, or an unknown field by now. */
  @Property(tries = 1000)
  void any_flipped_bit_of_the_metadata_is_damage_or_a_note_or_of_no_consequence(
      @ForAll @IntRange(max = MANY) int place,
      @ForAll @IntRange(max = 7) int bit,
      @ForAll boolean deep) {
    VerifiedBucket bucket = bucket();
    bucket.put(METADATA, flipped(metadata, place, bit));
    List<Finding> found = bucket.all(deep);
    Set<Severity> expected = EnumSet.of(Severity.DAMAGE, Severity.NOTE);
    expected.add(Severity.LEFTOVER); // of a form that the metadata does not tell any more
    assertThat(found).extracting(Finding::severity).isSubsetOf(expected);
    if (found.isEmpty()) {
      assertThat(bucket.verifiedImages()).isEqualTo(1);
    }
  }
}
