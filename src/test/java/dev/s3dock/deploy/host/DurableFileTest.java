package dev.s3dock.deploy.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(it -> it.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void a_new_file_can_be_read_by_all_and_leaves_nothing_beside_it() throws IOException {
    DurableFile file = new DurableFile(folder.resolve("state"));
    assertThat(file.read()).isEmpty();
    file.replace("one".getBytes(UTF_8));
    assertThat(file.read()).hasValueSatisfying(it -> assertThat(it).asString().isEqualTo("one"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
        .isEqualTo("rw-r--r--");
    assertThat(names()).containsExactly("state");
    file.remove();
    file.remove();
    assertThat(file.read()).isEmpty();
  }

  @Test
  void a_replaced_file_keeps_its_permissions() throws IOException {
    DurableFile file = new DurableFile(folder.resolve("state"));
    file.replace("one".getBytes(UTF_8));
    Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-rw----"));
    file.replace("two".getBytes(UTF_8));
    assertThat(file.path()).hasContent("two");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
        .isEqualTo("rw-rw----");
  }

  @Test
  void a_link_stays_and_leads_to_the_new_content() throws IOException {
    Path real = Files.writeString(folder.resolve("real"), "one");
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    new DurableFile(link).replace("two".getBytes(UTF_8));
    assertThat(link).isSymbolicLink().hasContent("two");
    assertThat(names()).containsExactly("link", "real");
  }

  @Test
  void a_pipe_is_not_replaced() throws Exception {
    Path pipe = folder.resolve("pipe");
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    assertThatThrownBy(() -> new DurableFile(pipe).replace("two".getBytes(UTF_8)))
        .hasMessageContaining("is no regular file");
    assertThat(names()).containsExactly("pipe");
  }

  @Test
  void a_step_is_alone_under_the_lock() throws IOException {
    DurableFile file = new DurableFile(folder.resolve("count"));
    file.replace("0".getBytes(UTF_8));
    List<Thread> threads =
        IntStream.range(0, 8)
            .mapToObj(it -> Thread.startVirtualThread(() -> increment(file)))
            .toList();
    threads.forEach(DurableFileTest::join);
    assertThat(file.path()).hasContent("8");
  }

  private static void increment(DurableFile file) {
    try {
      file.locked(
          LONG,
          () -> {
            int count = Integer.parseInt(Files.readString(file.path()));
            file.replace(String.valueOf(count + 1).getBytes(UTF_8));
          });
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_lock_that_does_not_come_free_is_an_error_that_names_it() throws IOException {
    DurableFile file = new DurableFile(folder.resolve("state"));
    file.locked(
        LONG,
        () ->
            assertThatThrownBy(() -> file.locked(Duration.ofMillis(50), () -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(".state.s3dock-lock"));
  }
}
