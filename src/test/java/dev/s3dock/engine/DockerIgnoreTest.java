package dev.s3dock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases after the tables in moby's documentation of .dockerignore and of its pattern matcher. */
class DockerIgnoreTest {
  @TempDir Path context;

  @ParameterizedTest(name = "[{index}] {0} on {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "*.log            | a.log           | true",
        "*.log            | dir/a.log       | false",
        "*/*.log          | dir/a.log       | true",
        "**.pem           | key.pem         | true",
        "**.pem           | deep/in/key.pem | true",
        "**key            | a/monkey        | true",
        "**.pem           | key.pem.txt     | false",
        "**/*.log         | a.log           | true",
        "**/*.log         | x/y/a.log       | true",
        "**               | any/thing       | true",
        "**/node_modules  | a/node_modules/b/c | true",
        "**/node_modules  | node_modules    | true",
        "a/**             | a/b/c           | true",
        "a/**             | a               | false",
        "a/**/z           | a/z             | true",
        "a/**/z           | a/b/c/z         | true",
        "a**z             | abcz            | false",
        "a**z             | a/b/z           | true",
        "dir              | dir/deep/file   | true",
        "dir/             | dir/file        | true",
        "/dir             | dir/file        | true",
        "./dir            | dir             | true",
        "x/../dir         | dir             | true",
        "dir              | directory       | false",
        "dir              | other/dir       | false",
        "temp?            | tempa           | true",
        "temp?            | temp            | false",
        "temp?            | temp/           | false",
        "[a-c].txt        | b.txt           | true",
        "[^a-c].txt       | b.txt           | false",
        "a\\*b            | a*b             | true",
        "a\\*b            | axb             | false",
        "a.b              | axb             | false",
        "a+(b)            | a+(b)           | true",
        "$x^              | $x^             | true",
        ".                | a               | false",
        "*                | a/b             | true",
        "*;!keep          | keep            | false",
        "*;!keep          | keep/inside     | false",
        "*;!keep          | other           | true",
        "!a;a             | a               | true",
        "a;!a;a           | a               | true",
        "dir;!dir/keep    | dir/keep        | false",
        "dir;!dir/keep    | dir/other       | true",
        "dir; ! dir/keep  | dir/keep        | false",
        "*.md;!README*.md;README-secret.md | README-secret.md | true",
        "*.md;!README*.md;README-secret.md | README-x.md      | false",
        "#a               | #a              | false",
        "*                | Dockerfile      | false",
        "*                | .dockerignore   | false",
        "*                | sub/Dockerfile  | true"
      })
  void last_matching_pattern_decides(String lines, String path, boolean excluded)
      throws IOException {
    Files.writeString(context.resolve(".dockerignore"), lines.replace(';', '\n') + "\n");
    assertThat(load("Dockerfile").excludes(path)).isEqualTo(excluded);
  }

  @Test
  void without_a_file_nothing_is_excluded() throws IOException {
    assertThat(load("Dockerfile").excludes("anything")).isFalse();
  }

  @Test
  void many_deep_stars_are_matched_as_any_others() throws IOException {
    Files.writeString(context.resolve(".dockerignore"), "**/*a*/".repeat(40) + "z");
    DockerIgnore ignore = load("Dockerfile");
    assertThat(ignore.excludes("a/".repeat(60) + "y")).isFalse();
    assertThat(ignore.excludes("a/".repeat(60) + "z/y")).isTrue();
  }

  @Test
  void marks_blank_lines_and_foreign_line_ends_are_passed_over() throws IOException {
    Files.writeString(context.resolve(".dockerignore"), "\uFEFFa.txt\r\n\r\n  b.txt  \r\n#c\r\n");
    DockerIgnore ignore = load("Dockerfile");
    assertThat(ignore.excludes("a.txt")).isTrue();
    assertThat(ignore.excludes("b.txt")).isTrue();
    assertThat(ignore.excludes("c")).isFalse();
  }

  @Test
  void file_of_the_dockerfile_comes_first() throws IOException {
    Files.writeString(context.resolve(".dockerignore"), "shared");
    Files.writeString(context.resolve("prod.Dockerfile.dockerignore"), "own");
    assertThat(load("Dockerfile").excludes("shared")).isTrue();
    assertThat(load("prod.Dockerfile").excludes("shared")).isFalse();
    assertThat(load("prod.Dockerfile").excludes("own")).isTrue();
  }

  @Test
  void dockerfile_in_a_subfolder_is_never_excluded() throws IOException {
    Files.createDirectory(context.resolve("docker"));
    Files.writeString(context.resolve(".dockerignore"), "docker");
    DockerIgnore ignore = load("docker/Dockerfile");
    assertThat(ignore.excludes("docker/Dockerfile")).isFalse();
    assertThat(ignore.excludes("docker/other")).isTrue();
    assertThat(ignore.excludesAllBelow("docker")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"a[, [ without ]", "!, lone !", "[z-a], invalid"})
  void malformed_pattern_is_named_with_its_line(String pattern, String reason) throws IOException {
    Files.writeString(context.resolve(".dockerignore"), "fine\n" + pattern + "\n");
    assertThatThrownBy(() -> load("Dockerfile"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining(reason);
  }

  private DockerIgnore load(String dockerfile) throws IOException {
    Path file = context.resolve(dockerfile);
    Files.writeString(file, "FROM scratch\n");
    return DockerIgnore.load(context, file);
  }

  @ParameterizedTest(name = "[{index}] {0} on {1}: {2}")
  @CsvFileSource(resources = "/dockerignore-patterns.tsv", delimiter = '\t')
  void patterns_mean_what_they_mean_to_buildkit(String pattern, String path, String expected)
      throws IOException {
    Files.writeString(context.resolve(".dockerignore"), pattern + "\n");
    if (expected.equals("malformed")) {
      assertThatThrownBy(() -> DockerIgnore.load(context, context.resolve("Dockerfile")))
          .isInstanceOf(EngineException.class);
    } else {
      assertThat(DockerIgnore.load(context, context.resolve("Dockerfile")).excludes(path))
          .isEqualTo(expected.equals("yes"));
    }
  }
}
