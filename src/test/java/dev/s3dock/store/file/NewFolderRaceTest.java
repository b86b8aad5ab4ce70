package dev.s3dock.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers that make the folders of a new store at the same time, each over the others' empty ones.
 */
class NewFolderRaceTest {
  private static final int WRITERS = 10;

  @TempDir Path folder;

  @RepeatedTest(30)
  void all_writers_into_a_new_store_get_their_object_in() throws Exception {
    Path root = Files.createDirectory(folder.resolve("store"));
    CyclicBarrier start = new CyclicBarrier(WRITERS);
    List<Callable<ETag>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      ObjectKey key = new ObjectKey("pointers/my-app/env-%d.json".formatted(i));
      writers.add(
          () -> {
            try (ObjectStore store = FileObjectStore.open(root)) {
              start.await();
              return store.put(key, new byte[1], Precondition.ifAbsent());
            }
          });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      for (Future<ETag> one : threads.invokeAll(writers)) {
        assertThat(one.get()).isNotNull();
      }
    }
    try (ObjectStore store = FileObjectStore.open(root)) {
      assertThat(store.list("pointers/").toList()).hasSize(WRITERS);
    }
  }
}
