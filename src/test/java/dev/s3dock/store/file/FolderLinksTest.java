package dev.s3dock.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody who may write in a folder store tries to make others work outside of it. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FolderLinksTest {
  private static final ObjectKey KEY = new ObjectKey("images/my-app/a");
  private static final int ROUNDS = 400;

  @TempDir Path temp;
  private Path root;
  private Path outside;
  private FileObjectStore store;

  @BeforeEach
  void open() throws IOException {
    root = Files.createDirectory(temp.resolve("store"));
    outside = Files.createDirectory(temp.resolve("outside"));
    store = FileObjectStore.open(root);
  }

  private void put() {
    store.put(KEY, "mine".getBytes(UTF_8), Precondition.none());
  }

  @ParameterizedTest
  @ValueSource(strings = {".s3dock", ".s3dock/tmp", ".s3dock/locks", "images", "images/my-app"})
  void a_link_on_the_way_is_refused_and_named(String link) throws IOException {
    Path old = Files.writeString(outside.resolve("old"), "x");
    Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    Path place = root.resolve(link);
    Files.createDirectories(place.resolveSibling("."));
    Files.createSymbolicLink(place, outside);

    assertThatThrownBy(this::put).isInstanceOf(StoreException.class).hasMessageContaining(link);
    assertThatThrownBy(
            () -> {
              store.startUpload(KEY).complete();
              store.copy(store.head(KEY).orElseThrow(), KEY);
            })
        .isInstanceOf(RuntimeException.class);
    try {
      store.delete(new ObjectKey("images/my-app/old"));
    } catch (StoreException e) {
      assertThat(e).hasMessageContaining(link);
    }

    assertThat(outside).isDirectoryContaining(old::equals);
    assertThat(outside.toFile().list()).containsExactly("old");
  }

  @Test
  void pipes_for_locks_do_not_hold_up_a_push() throws Exception {
    put();
    for (int i = 0; i < 256; i++) {
      Path lock = root.resolve(".s3dock/locks/%02x".formatted(i));
      Files.deleteIfExists(lock);
      assertThat(new ProcessBuilder("mkfifo", lock.toString()).start().waitFor()).isZero();
    }
    assertThatThrownBy(this::put).isInstanceOf(StoreException.class).hasMessageContaining("locks");
  }

  @Test
  void a_pipe_for_an_object_is_none() throws Exception {
    Files.createDirectories(root.resolve("images/my-app"));
    Path pipe = root.resolve("images/my-app/a");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThat(store.get(KEY, 100)).isEmpty();
    assertThat(store.list("")).isEmpty();
  }

  /** Puts a link in the place of a folder, and the folder back, again and again. */
  private void swap(Path folder, AtomicBoolean done) {
    Path aside = temp.resolve("aside");
    try {
      while (!done.get()) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        Files.move(folder, aside);
        Files.createSymbolicLink(folder, outside);
        Thread.onSpinWait();
        Files.delete(folder);
        Files.move(aside, folder);
      }
    } catch (IOException e) {
      done.set(true); // the store has made the folder anew: that is inside, too
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".s3dock/tmp", ".s3dock/locks", "images", "images/my-app"})
  void a_folder_that_is_swapped_for_a_link_all_the_time_leads_nobody_out(String swapped)
      throws Exception {
    Files.writeString(outside.resolve("a"), "secret");
    for (int i = 0; i < ROUNDS / 20; i++) {
      AtomicBoolean done = new AtomicBoolean();
      put();
      Thread swapper = Thread.ofPlatform().start(() -> swap(root.resolve(swapped), done));
      for (int j = 0; j < 20; j++) {
        pushAndRead();
      }
      done.set(true);
      swapper.join();
      mend(root.resolve(swapped));
    }
    assertThat(outside.toFile().list()).containsExactly("a");
    assertThat(outside.resolve("a")).hasContent("secret");
  }

  private void pushAndRead() {
    try {
      put();
      store
          .get(KEY, 100)
          .ifPresent(found -> assertThat(found.content()).asString(UTF_8).isEqualTo("mine"));
      store.delete(KEY);
    } catch (StoreException e) {
      assertThat(e.kind()).isNotNull(); // the folder was away, or a link
    }
  }

  private void mend(Path folder) throws IOException {
    Path aside = temp.resolve("aside");
    if (Files.isSymbolicLink(folder)) {
      Files.delete(folder);
    }
    if (Files.exists(aside)) {
      if (Files.exists(folder)) {
        try (Stream<Path> all = Files.walk(aside)) {
          for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      } else {
        Files.createDirectories(folder.resolveSibling("."));
        Files.move(aside, folder);
      }
    }
  }

  @Test
  void a_folder_that_a_crash_left_on_its_way_is_swept_away() throws IOException {
    Path left = Files.createDirectory(root.resolve(HeldFolder.NEW + "x"));
    Path used = Files.createDirectories(root.resolve(HeldFolder.NEW + "y/z"));
    for (Path folder : new Path[] {left, used.resolveSibling(".")}) {
      Files.setLastModifiedTime(folder, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    }
    store.startUpload(KEY).close();
    assertThat(left).doesNotExist();
    assertThat(used).exists();
  }
}
