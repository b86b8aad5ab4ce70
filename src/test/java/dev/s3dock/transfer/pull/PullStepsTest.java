package dev.s3dock.transfer.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.archive.ArchiveIndex;
import dev.s3dock.archive.LayerEntry;
import dev.s3dock.image.ImageReference;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.PublishedIndex;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PushingBucket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullStepsTest {
  private static final ImageReference REFERENCE =
      ImageReference.parse("my-app:20250721-2118-f7a5a27");

  @TempDir Path folder;
  private final List<String> shown = new ArrayList<>();

  private final TransferProgress progress =
      (name, total) -> {
        shown.add(name + " of " + total);
        return new TransferProgress.Step() {
          @Override
          public void advance(long bytes) {
            shown.add(name + " " + bytes);
          }

          @Override
          public void saved(long bytes) {
            shown.add(name + " saved " + bytes);
          }

          @Override
          public void close() {
            shown.add(name + " over");
          }
        };
      };

  private ArchiveIndex published() throws IOException {
    PushingBucket bucket = new PushingBucket(new MemoryObjectStore(), folder);
    bucket.push(REFERENCE, ImageSpec.small());
    return PublishedIndex.of(bucket.images().require(REFERENCE)).orElseThrow();
  }

  @Test
  void what_is_fetched_there_already_and_unpacked_is_shown_as_the_engine_tells_it()
      throws IOException {
    ArchiveIndex index = published();
    LayerEntry base = index.layers().getFirst();
    LayerEntry top = index.layers().getLast();
    ByteCounter counter = new ByteCounter();
    try (PullSteps steps = new PullSteps(progress, counter, index, LayerForm.UNCOMPRESSED)) {
      String shortened = base.diffId().hex().substring(0, 12);
      steps.present(shortened);
      steps.present(shortened); // some say it twice
      counter.advance(top.length());
      steps.sent(top.size());
      steps.unpacked(top.size());
    }
    long all = base.size() + top.size();
    assertThat(shown)
        .containsExactly(
            "download of " + index.size(),
            "download saved " + base.length(),
            "download " + top.length(),
            "download over",
            "unpack of -1",
            "unpack over",
            "unpack of " + all,
            "unpack " + all,
            "unpack over",
            "download over");
  }
}
