package dev.s3dock.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.git.CommittedFiles.Hidden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work trees that are not what their commit says, though {@code git status} shows nothing. */
class CommittedFilesTest {
  private static final String DATE = "2025-07-21T21:18:30Z";

  @TempDir Path temp;
  private TestRepository made;

  @BeforeEach
  void makeRepository() throws IOException {
    made = TestRepository.init(temp.resolve("repository"));
    made.write("a/one.txt", "one\n").write("b/two.txt", "two\n").write("run.sh", "echo\n");
    made.git("config", "core.fileMode", "true");
    Files.setPosixFilePermissions(
        made.folder().resolve("run.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
    made.commitAll(DATE);
  }

  private CommittedFiles files() {
    return made.open().committed(made.folder());
  }

  private void hides(String path, String problem, String remedy) {
    assertThat(made.open().changes()).as("git status").isEmpty();
    assertThat(files().hidden()).hasSize(1);
    Hidden hidden = files().hidden().getFirst();
    assertThat(hidden.path()).isEqualTo(path);
    assertThat(hidden.problem()).contains(problem);
    assertThat(hidden.remedy()).contains(remedy);
  }

  @Test
  void the_files_of_the_commit_are_listed_with_their_modes_and_no_others() throws IOException {
    made.write(".gitignore", "*.log\n").commitAll(DATE);
    made.write("x.log", "").write("a/untracked", "");
    assertThat(files().files())
        .isEqualTo(
            Map.of("a/one.txt", false, "b/two.txt", false, "run.sh", true, ".gitignore", false));
    assertThat(files().hidden()).isEmpty();
    assertThat(made.open().committed(made.folder().resolve("a")).files())
        .isEqualTo(Map.of("one.txt", false));
  }

  @Test
  void a_mode_is_that_of_the_commit_where_git_does_not_look_at_the_disk() throws IOException {
    made.git("config", "core.fileMode", "false");
    Files.setPosixFilePermissions(
        made.folder().resolve("run.sh"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(files().files()).containsEntry("run.sh", true);
    assertThat(files().hidden()).isEmpty();
  }

  @Test
  void a_sparse_checkout_is_found() {
    made.git("sparse-checkout", "set", "a");
    hides("b/two.txt", "sparse", "git sparse-checkout disable");
    assertThat(made.open().committed(made.folder().resolve("a")).hidden()).isEmpty();
  }

  @Test
  void a_file_that_is_assumed_unchanged_is_found() throws IOException {
    made.git("update-index", "--assume-unchanged", "a/one.txt");
    made.write("a/one.txt", "changed\n");
    hides("a/one.txt", "assume-unchanged", "--no-assume-unchanged a/one.txt");
  }

  @Test
  void a_file_that_is_skipped_is_found() throws IOException {
    made.git("update-index", "--skip-worktree", "a/one.txt");
    made.write("a/one.txt", "changed\n");
    hides("a/one.txt", "skip-worktree", "--no-skip-worktree a/one.txt");
  }

  @Test
  void line_ends_that_a_setting_makes_are_found() throws IOException {
    made.git("config", "core.autocrlf", "true");
    Files.delete(made.folder().resolve("a/one.txt"));
    made.git("checkout", "--", "a/one.txt");
    assertThat(made.folder().resolve("a/one.txt")).hasContent("one\r\n");
    hides("a/one.txt", "not as the commit has it", "core.autocrlf false");
  }

  @Test
  void line_ends_that_a_setting_makes_of_an_attribute_are_found() throws IOException {
    made.write(".gitattributes", "*.txt text\n").commitAll(DATE);
    made.git("config", "core.eol", "crlf");
    Files.delete(made.folder().resolve("a/one.txt"));
    made.git("checkout", "--", "a/one.txt");
    hides("a/one.txt", "line ends", "core.autocrlf false");
  }

  @Test
  void line_ends_that_the_commit_itself_asks_for_are_right() throws IOException {
    made.write(".gitattributes", "*.txt text eol=crlf\n").commitAll(DATE);
    Files.delete(made.folder().resolve("a/one.txt"));
    made.git("checkout", "--", "a/one.txt");
    assertThat(Files.readString(made.folder().resolve("a/one.txt"))).isEqualTo("one\r\n");
    assertThat(files().hidden()).isEmpty();
  }

  @Test
  void a_pointer_of_git_lfs_is_found() throws IOException {
    made.write(".gitattributes", "*.bin filter=lfs\n")
        .write("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
        .commitAll(DATE);
    hides("big.bin", "Git LFS", "git lfs pull");
  }

  @Test
  void files_of_submodules_are_listed_and_one_that_is_not_checked_out_is_found()
      throws IOException {
    TestRepository other = TestRepository.withCommit(temp.resolve("other"));
    made.git("submodule", "add", "-q", other.folder().toString(), "lib");
    made.commitAll(DATE);
    assertThat(files().files()).containsEntry("lib/kept.txt", false);
    assertThat(files().hidden()).isEmpty();
    made.git("submodule", "deinit", "-q", "-f", "lib");
    hides("lib", "submodule that is not checked out", "git submodule update --init");
  }

  @Test
  void what_a_submodule_hides_is_found() throws IOException {
    TestRepository other = TestRepository.withCommit(temp.resolve("other"));
    made.git("submodule", "add", "-q", other.folder().toString(), "lib");
    made.commitAll(DATE);
    TestRepository inside = TestRepository.at(made.folder().resolve("lib"));
    inside.git("update-index", "--assume-unchanged", "kept.txt");
    inside.write("kept.txt", "changed\n");
    hides("lib/kept.txt", "assume-unchanged", "kept.txt");
  }

  @Test
  void replaced_objects_do_not_count() throws IOException {
    String blob = made.git("rev-parse", "HEAD:a/one.txt");
    made.write("forged", "forged\n");
    String forged = made.git("hash-object", "-w", "forged");
    Files.delete(made.folder().resolve("forged"));
    made.git("replace", blob, forged);
    assertThat(files().hidden()).isEmpty();
  }

  @Test
  void a_name_that_is_not_utf_8_is_found() throws IOException {
    made.git("config", "core.quotePath", "false");
    Process shell =
        new ProcessBuilder(
                "sh",
                "-c",
                "printf x >\"$(printf 'a\\351.txt')\" && git add -A && git commit -qm n")
            .directory(made.folder().toFile())
            .inheritIO()
            .start();
    assertThat(waitFor(shell)).isZero();
    assertThat(files().hidden())
        .extracting(Hidden::problem)
        .containsExactly("has a name that is not UTF-8");
  }

  private static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
