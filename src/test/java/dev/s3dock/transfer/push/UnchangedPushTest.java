package dev.s3dock.transfer.push;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.SavedEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A push of what is published already is decided without an export. */
class UnchangedPushTest {
  private static final ImageReference REFERENCE =
      ImageReference.parse("my-app:20250721-2118-f7a5a27");
  private static final String MANIFEST = "sha256:" + "4d".repeat(32);
  private static final String OTHER_MANIFEST = "sha256:" + "5e".repeat(32);

  @TempDir Path folder;
  private final MemoryObjectStore store = new MemoryObjectStore();

  private SavedEngine engine(ImageSpec image) {
    return new SavedEngine(REFERENCE.toString(), PushingBucket.saved(image, REFERENCE));
  }

  private boolean isSkipped(SavedEngine engine) throws IOException {
    return new PushingBucket(store, folder).push(REFERENCE, engine).event().skipped();
  }

  @Test
  void an_id_that_is_the_configs_digest_tells_at_once() throws IOException {
    SavedEngine engine = engine(ImageSpec.small());

    assertThat(isSkipped(engine)).isFalse();
    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(1);
  }

  @Test
  void an_id_of_a_manifest_tells_once_it_has_been_seen() throws IOException {
    SavedEngine engine = engine(ImageSpec.small()).withId(MANIFEST);

    assertThat(isSkipped(engine)).isFalse();
    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(1);
  }

  @Test
  void another_manifest_of_the_same_image_is_looked_at_once() throws IOException {
    isSkipped(engine(ImageSpec.small()).withId(MANIFEST));
    SavedEngine engine = engine(ImageSpec.small()).withId(OTHER_MANIFEST);

    assertThat(isSkipped(engine)).isTrue();
    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(1);
  }

  @Test
  void another_image_is_not_skipped() throws IOException {
    isSkipped(engine(ImageSpec.small()).withId(MANIFEST));

    assertThat(isSkipped(engine(ImageSpec.small().withFile("new", "1")).withId(OTHER_MANIFEST)))
        .isFalse();
  }

  @Test
  void what_is_kept_may_be_damaged() throws IOException {
    SavedEngine engine = engine(ImageSpec.small()).withId(MANIFEST);
    isSkipped(engine);
    try (Stream<Path> files = Files.walk(folder)) {
      files.filter(Files::isRegularFile).forEach(UnchangedPushTest::damage);
    }

    assertThat(isSkipped(engine)).isTrue();
    assertThat(engine.exports()).isEqualTo(2);
  }

  private static void damage(Path file) {
    try {
      Files.writeString(file, "sha256:123");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
