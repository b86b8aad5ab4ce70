package dev.s3dock.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.s3dock.testing.FuzzTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every seed, every input that ever failed, and what is left when each is cut. */
class CorpusTest {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  static Stream<String> targets() {
    return Targets.all().stream().map(FuzzTarget::name);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void what_is_in_the_corpus_is_taken_or_refused_in_time(String name) throws IOException {
    FuzzTarget target = Targets.named(name);
    List<Path> inputs = files(Targets.CORPUS.resolve(name));
    assertThat(inputs).as("seeds of " + name).isNotEmpty();
    for (Path input : inputs) {
      byte[] bytes = Files.readAllBytes(input);
      assertTimeoutPreemptively(DEADLINE, () -> target.run(bytes), input.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("targets")
  void the_empty_input_is_taken_or_refused(String name) {
    assertTimeoutPreemptively(DEADLINE, () -> Targets.named(name).run(new byte[0]), name);
  }

  @Test
  void every_folder_of_the_corpus_has_a_target() throws IOException {
    try (Stream<Path> folders = Files.list(Targets.CORPUS)) {
      assertThat(folders.filter(Files::isDirectory).map(folder -> folder.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(targets().toList());
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.sorted().toList());
    }
  }
}
