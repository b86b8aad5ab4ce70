package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.SavedEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes that take from other archives what these have. */
class ComposedPushTest {
  private static final ImageReference FIRST = ImageReference.parse("my-app:20250720-1000-aaaaaaa");
  private static final ImageReference SECOND = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final int MIB = 1 << 20;

  @TempDir static Path spool;

  private static ImageSpec image(List<byte[]> layers) {
    ImageSpec image = ImageSpec.empty();
    for (int i = 0; i < layers.size(); i++) {
      image = image.withFile("data", layers.get(i));
    }
    return image;
  }

  @Property(tries = 5)
  void a_composed_archive_is_byte_for_byte_the_one_that_is_sent_whole(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    Path folder = Files.createTempDirectory("s3dock-test-");
    List<byte[]> layers = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      layers.add(Noise.of(random.nextLong(), random.nextInt(16 * MIB)));
    }
    PushingBucket shared = new PushingBucket(new MemoryObjectStore(), folder);
    PushingBucket alone = new PushingBucket(new MemoryObjectStore(), folder);
    shared.push(FIRST, image(layers));
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      edit(layers, random);
    }

    shared.push(SECOND, image(layers));
    alone.push(SECOND, image(layers));

    byte[] composed = shared.verified(SECOND);
    if (!Arrays.equals(composed, alone.verified(SECOND))) {
      Assertions.fail("the composed archive has other bytes");
    }
    assertThat(shared.images().require(SECOND).metadata().checksum())
        .isEqualTo(alone.images().require(SECOND).metadata().checksum());
    assertThat(shared.temporaryObjects()).isEmpty();
    assertThat(folder).isEmptyDirectory();
    Files.delete(folder);
  }

  private static void edit(List<byte[]> layers, Random random) {
    int layer = random.nextInt(layers.size());
    byte[] old = layers.get(layer);
    int at = old.length == 0 ? 0 : random.nextInt(old.length);
    byte[] some = Noise.of(random.nextLong(), 1 + random.nextInt(300_000));
    switch (random.nextInt(6)) {
      case 0 -> layers.set(layer, splice(old, at, at, some)); // insert
      case 1 -> layers.set(layer, splice(old, at, Math.min(old.length, at + some.length), some));
      case 2 ->
          layers.set(layer, splice(old, at, Math.min(old.length, at + some.length), new byte[0]));
      case 3 -> layers.add(Noise.of(random.nextLong(), random.nextInt(8 * MIB)));
      case 4 -> layers.add(layer, Noise.of(random.nextLong(), random.nextInt(2 * MIB)));
      default -> layers.set(layer, layers.get(random.nextInt(layers.size())));
    }
  }

  private static byte[] splice(byte[] old, int from, int to, byte[] with) {
    byte[] made = Arrays.copyOf(old, old.length - (to - from) + with.length);
    System.arraycopy(with, 0, made, from, with.length);
    System.arraycopy(old, to, made, from + with.length, old.length - to);
    return made;
  }

  @Test
  void an_edit_in_the_middle_of_a_layer_sends_little_more_than_the_chunks_around_it()
      throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), spool);
    byte[] base = Noise.of(1, 20 * MIB);
    byte[] app = Noise.of(2, 40 * MIB);
    bucket.push(FIRST, image(List.of(base, app)));
    app[20 * MIB] ^= 1;

    PushResult second = bucket.push(SECOND, image(List.of(base, app)));

    bucket.verified(SECOND);
    assertThat(second.bytesSent()).isLessThan(4 * MIB + 100_000);
    assertThat(second.bytesSent() + second.bytesReused()).isEqualTo(second.event().size());
  }

  @Test
  void a_new_top_layer_sends_that_layer_alone() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), spool);
    byte[] base = Noise.of(1, 30 * MIB);
    bucket.push(FIRST, image(List.of(base)));

    PushResult second = bucket.push(SECOND, image(List.of(base, Noise.of(3, 6 * MIB))));

    bucket.verified(SECOND);
    assertThat(second.bytesSent()).isBetween(6L * MIB, 6L * MIB + 10_000);
  }

  @Test
  void the_base_is_the_archive_that_shares_the_longest_beginning_not_the_newest()
      throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), spool);
    byte[] base = Noise.of(1, 12 * MIB);
    bucket.push(FIRST, image(List.of(base, Noise.of(2, 12 * MIB))));
    bucket.push(SECOND, image(List.of(Noise.of(3, 12 * MIB))));

    ImageReference third = ImageReference.parse("my-app:20250722-0900-ccccccc");
    PushResult pushed =
        bucket.push(third, image(List.of(base, Noise.of(2, 12 * MIB), Noise.of(4, 10))));

    bucket.verified(third);
    assertThat(pushed.bytesSent()).isLessThan(10_000);
  }

  @Test
  void chunks_come_from_several_archives() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), spool);
    bucket.push(FIRST, image(List.of(Noise.of(1, 20 * MIB))));
    bucket.push(SECOND, image(List.of(Noise.of(2, 20 * MIB))));

    ImageReference third = ImageReference.parse("my-app:20250722-0900-ccccccc");
    PushResult pushed =
        bucket.push(
            third, image(List.of(Noise.of(9, 100), Noise.of(2, 20 * MIB), Noise.of(1, 20 * MIB))));

    bucket.verified(third);
    assertThat(pushed.bytesSent()).isLessThan(6 * MIB);
  }

  @Test
  void an_image_that_has_changed_between_the_look_and_the_export_is_packed_whole()
      throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), spool);
    List<byte[]> before = List.of(Noise.of(1, 12 * MIB), Noise.of(2, 1000));
    List<byte[]> after = List.of(Noise.of(3, 12 * MIB), Noise.of(2, 1000));
    bucket.push(FIRST, image(before));

    SavedEngine engine =
        new SavedEngine(
            SECOND.toString(),
            PushingBucket.saved(image(List.of(before.getFirst(), Noise.of(4, 1000))), SECOND),
            PushingBucket.saved(image(after), SECOND));
    PushResult second = bucket.push(SECOND, engine);

    bucket.verified(SECOND);
    assertThat(engine.exports()).isEqualTo(2);
    assertThat(second.bytesSent()).isGreaterThan(12 * MIB);
  }

  @Test
  void a_layer_that_only_begins_like_a_shared_one_is_not_taken_for_it() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), spool);
    byte[] base = Noise.of(1, 12 * MIB);
    byte[] twin = base.clone();
    twin[11 * MIB] ^= 1;
    bucket.push(FIRST, image(List.of(base)));

    SavedEngine engine =
        new SavedEngine(SECOND.toString(), PushingBucket.saved(image(List.of(base, twin)), SECOND));
    bucket.push(SECOND, engine);

    bucket.verified(SECOND);
    assertThat(engine.exports()).isEqualTo(2);
  }
}
