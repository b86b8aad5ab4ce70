package dev.s3dock.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes a repository dirty, and what does not. */
class ChangesTest {
  @TempDir Path temp;
  private TestRepository made;

  @BeforeEach
  void repositoryWithOneCommit() throws IOException {
    made = TestRepository.withCommit(temp.resolve("repository"));
  }

  @Test
  void fresh_commit_is_clean() {
    changesAre();
  }

  @Test
  void modified_file() throws IOException {
    made.write("kept.txt", "two\n");
    changesAre("modified: kept.txt");
  }

  @Test
  void modified_mode_alone() {
    assertThat(made.folder().resolve("kept.txt").toFile().setExecutable(true)).isTrue();
    changesAre("modified: kept.txt");
  }

  @Test
  void touched_but_equal_file_is_clean() throws IOException {
    made.write("kept.txt", "one\n");
    changesAre();
  }

  @Test
  void deleted_file() throws IOException {
    Files.delete(made.folder().resolve("kept.txt"));
    changesAre("deleted: kept.txt");
  }

  @Test
  void staged_file_and_further_edit() throws IOException {
    made.write("kept.txt", "two\n").write("new", "").git("add", "-A");
    made.write("kept.txt", "three\n");
    changesAre("staged: kept.txt", "modified: kept.txt", "staged: new");
  }

  @Test
  void staged_deletion_and_rename() throws IOException {
    made.write("old name", "long enough to be recognised\n").commitAll("2025-07-22T00:00:00Z");
    made.git("mv", "old name", "new name");
    made.git("rm", "-q", "kept.txt");
    changesAre("staged: kept.txt", "staged: new name");
  }

  @Test
  void untracked_files_are_listed_one_by_one_but_ignored_ones_are_not() throws IOException {
    made.write(".gitignore", "*.log\nout/\n").commitAll("2025-07-22T00:00:00Z");
    made.write("a.log", "").write("out/x", "").write("dir/one", "").write("dir/two", "");
    changesAre("untracked: dir/one", "untracked: dir/two");
  }

  @Test
  void repository_inside_is_listed_as_a_folder() throws IOException {
    TestRepository.withCommit(made.folder().resolve("inner"));
    changesAre("untracked: inner");
  }

  @Test
  void names_with_blanks_line_breaks_quotes_and_foreign_letters_come_out_as_they_are()
      throws IOException {
    made.write(" lead", "").write("a\nb", "").write("q\"uote\t", "").write("smörgås-日本", "");
    changesAre(
        "untracked:  lead", "untracked: a\nb", "untracked: q\"uote\t", "untracked: smörgås-日本");
  }

  @Test
  void conflict() throws IOException {
    made.git("checkout", "-q", "-b", "side");
    made.write("kept.txt", "side\n").commitAll("2025-07-22T00:00:00Z");
    made.git("checkout", "-q", "main");
    made.write("kept.txt", "main\n").commitAll("2025-07-22T00:00:00Z");
    made.gitThatFails("merge", "side");
    changesAre("conflicted: kept.txt");
  }

  @Test
  void submodule_at_its_commit_is_clean_and_otherwise_dirty_whatever_the_settings_say()
      throws IOException {
    TestRepository library = TestRepository.withCommit(temp.resolve("library"));
    made.git("submodule", "--quiet", "add", library.folder().toString(), "lib");
    made.commitAll("2025-07-22T00:00:00Z");
    made.git("config", "diff.ignoreSubmodules", "all");
    changesAre();
    made.write("lib/new", "");
    changesAre("submodule: lib");
    Files.delete(made.folder().resolve("lib/new"));
    made.write("lib/kept.txt", "edited\n");
    changesAre("submodule: lib");
  }

  @Test
  void inside_of_a_submodule_the_submodule_is_the_repository() throws IOException {
    TestRepository library = TestRepository.withCommit(temp.resolve("library"));
    made.git("submodule", "--quiet", "add", library.folder().toString(), "lib");
    GitRepository inner = GitRepository.discover(made.folder().resolve("lib"));
    assertThat(inner.root()).isEqualTo(made.folder().resolve("lib").toRealPath());
    assertThat(inner.changes()).isEmpty();
  }

  @Test
  void sparse_checkout_is_clean_although_files_are_missing() throws IOException {
    made.write("wanted/a", "").write("other/b", "").commitAll("2025-07-22T00:00:00Z");
    made.git("sparse-checkout", "set", "wanted");
    assertThat(made.folder().resolve("other/b")).doesNotExist();
    changesAre();
  }

  @Test
  void line_endings_that_git_converts_on_checkout_are_no_change() throws IOException {
    made.git("clone", "-q", "-c", "core.autocrlf=true", made.folder().toString(), "../windows");
    TestRepository windows = TestRepository.at(temp.resolve("windows"));
    assertThat(Files.readString(windows.folder().resolve("kept.txt"))).isEqualTo("one\r\n");
    assertThat(windows.open().changes()).isEmpty();
    windows.write("kept.txt", "two\r\n");
    assertThat(windows.open().changes()).hasToString("[modified: kept.txt]");
  }

  @Test
  void state_of_the_index_on_disk_is_left_alone() throws IOException {
    Path index = made.folder().resolve(".git/index");
    byte[] before = Files.readAllBytes(index);
    made.write("kept.txt", "one\n");
    changesAre();
    assertThat(Files.readAllBytes(index)).isEqualTo(before);
  }

  private void changesAre(String... expected) {
    assertThat(made.open().changes()).extracting(Change::toString).containsExactly(expected);
  }
}
