package dev.s3dock.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoredObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The folder store among processes, crashes and readers. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FileRaceTest {
  private static final int PROCESSES = 10;
  private static final int ROUNDS = 20;
  private static final ObjectKey KEY = new ObjectKey("pointers/my-app/production.json");

  @TempDir Path root;

  /** A process that writes: see {@link #main}. */
  private static final class Writer implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final OutputStream in;

    Writer(Path root, String mode) throws IOException {
      this.process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  FileRaceTest.class.getName(),
                  root.toString(),
                  mode)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      this.out = process.inputReader(UTF_8);
      this.in = process.getOutputStream();
    }

    void tell(String line) throws IOException {
      in.write((line + "\n").getBytes(UTF_8));
      in.flush();
    }

    String hear() throws IOException {
      return String.valueOf(out.readLine());
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /**
   * A writer in its own process: {@code race} writes over the state it is told, and says whether it
   * has won; {@code scribble} overwrites one object until it is killed.
   */
  public static void main(String[] args) throws IOException {
    FileObjectStore store = FileObjectStore.open(Path.of(args[0]));
    IO.println("ready");
    if (args[1].equals("scribble")) {
      scribble(store);
    }
    for (String line = IO.readln(); line != null; line = IO.readln()) {
      String pid = String.valueOf(ProcessHandle.current().pid());
      try {
        store.put(KEY, pid.getBytes(UTF_8), Precondition.ifMatch(new ETag(line)));
        IO.println("won " + pid);
      } catch (StoreException e) {
        IO.println(e.kind().toString());
      }
    }
  }

  private static void scribble(FileObjectStore store) {
    byte[] content = new byte[3 << 20];
    for (byte seed = 1; ; seed = (byte) (seed % 100 + 1)) {
      Arrays.fill(content, seed);
      store.put(KEY, content, Precondition.none());
    }
  }

  @Test
  void of_ten_processes_one_wins_in_every_round() throws IOException {
    FileObjectStore store = FileObjectStore.open(root);
    ETag state = store.put(KEY, new byte[0], Precondition.none());
    List<Writer> writers = new ArrayList<>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        writers.add(new Writer(root, "race"));
      }
      for (Writer writer : writers) {
        assertThat(writer.hear()).isEqualTo("ready");
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (Writer writer : writers) {
          writer.tell(state.value());
        }
        List<String> answers = new ArrayList<>();
        for (Writer writer : writers) {
          answers.add(writer.hear());
        }
        StoredObject left = store.get(KEY, 100).orElseThrow();
        assertThat(answers).containsOnlyOnce("won " + new String(left.content(), UTF_8));
        answers.removeIf(answer -> answer.startsWith("won "));
        assertThat(answers).hasSize(PROCESSES - 1).containsOnly("PRECONDITION_FAILED");
        state = left.etag();
      }
    } finally {
      writers.forEach(Writer::close);
    }
  }

  @Test
  void a_killed_writer_leaves_a_whole_object_and_no_lock() throws Exception {
    FileObjectStore store = FileObjectStore.open(root);
    for (int i = 0; i < 5; i++) {
      store.put(KEY, new byte[] {0}, Precondition.none());
      try (Writer writer = new Writer(root, "scribble")) {
        assertThat(writer.hear()).isEqualTo("ready");
        while (store.head(KEY).orElseThrow().size() == 1) {
          Thread.onSpinWait();
        }
        writer.process.destroyForcibly();
        assertThat(writer.process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      }
      StoredObject left = store.get(KEY, 4 << 20).orElseThrow();
      byte[] whole = new byte[3 << 20];
      Arrays.fill(whole, left.content()[0]);
      assertThat(left.content()).isEqualTo(whole);
      assertThat(store.list("").map(stat -> stat.key())).containsExactly(KEY);
      store.put(KEY, new byte[] {1}, Precondition.ifMatch(left.etag()));
    }
  }

  @Test
  void a_reader_never_sees_bytes_of_two_states() throws Exception {
    FileObjectStore store = FileObjectStore.open(root);
    AtomicBoolean done = new AtomicBoolean();
    store.put(KEY, new byte[1 << 16], Precondition.none());
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> writer =
          threads.submit(
              () -> {
                byte[] content = new byte[1 << 16];
                for (int i = 0; !done.get(); i++) {
                  Arrays.fill(content, (byte) i);
                  store.put(KEY, content, Precondition.none());
                }
              });
      try {
        for (int i = 0; i < 500; i++) {
          byte[] content = store.get(KEY, 1 << 16).orElseThrow().content();
          byte[] whole = new byte[1 << 16];
          Arrays.fill(whole, content[0]);
          assertThat(Arrays.equals(content, whole)).isTrue();
        }
      } finally {
        done.set(true);
      }
      writer.get();
    }
  }

  @Test
  void folders_that_vanish_under_a_put_are_made_again() throws Exception {
    FileObjectStore store = FileObjectStore.open(root);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        ObjectKey key = new ObjectKey("images/my-app/202507/" + thread);
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    store.put(key, new byte[1], Precondition.ifAbsent());
                    store.delete(key);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(store.list("")).isEmpty();
    assertThat(store.listFolders("")).isEmpty();
  }
}
