package dev.s3dock.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastChangesTest {
  private static final String FIRST = "2025-01-01T00:00:00Z";
  private static final String SECOND = "2025-02-01T00:00:00Z";
  private static final String THIRD = "2025-03-01T00:00:00Z";
  private static final String FOURTH = "2025-04-01T00:00:00Z";

  @TempDir Path temp;
  private TestRepository made;

  @BeforeEach
  void twoCommits() throws IOException {
    made = TestRepository.init(temp.resolve("made"));
    made.write("old", "1").write("app/old", "1").write("app/sub/changed", "1").commitAll(FIRST);
    made.write("app/sub/changed", "2").write("app/new", "2").commitAll(SECOND);
  }

  private Map<String, Instant> dates(String folder) {
    return made.open().lastChanges(made.folder().resolve(folder));
  }

  private static Map.Entry<String, Instant> dated(String path, String date) {
    return entry(path, Instant.parse(date));
  }

  @Test
  void each_file_has_the_date_of_the_commit_that_last_changed_it() {
    assertThat(dates(""))
        .containsOnly(
            dated("old", FIRST),
            dated("app/old", FIRST),
            dated("app/sub/changed", SECOND),
            dated("app/new", SECOND));
  }

  @Test
  void paths_are_relative_to_the_folder_and_nothing_else_is_listed() {
    assertThat(dates("app"))
        .containsOnly(dated("old", FIRST), dated("sub/changed", SECOND), dated("new", SECOND));
  }

  @Test
  void a_folder_without_tracked_files_has_no_dates() throws IOException {
    made.write("built/output", "untracked");
    assertThat(dates("built")).isEmpty();
  }

  @Test
  void a_merge_counts_with_all_that_it_brought() throws IOException {
    made.git("switch", "-q", "-c", "side", "HEAD~1");
    made.write("side", "3").write("app/old", "3").commitAll(FOURTH);
    made.git("switch", "-q", "main");
    made.git("merge", "-q", "--no-commit", "--no-ff", "side");
    made.commitAll(THIRD);
    assertThat(dates(""))
        .containsOnly(
            dated("old", FIRST),
            dated("side", THIRD),
            dated("app/old", THIRD),
            dated("app/sub/changed", SECOND),
            dated("app/new", SECOND));
  }

  @Test
  void strange_names_and_moved_or_empty_files_are_no_trouble() throws IOException {
    made.write("C1735689600", "").write(":000000", "").write("smör gås\n\"x\"", "");
    made.git("mv", "old", "moved");
    made.commitAll(THIRD);
    assertThat(dates(""))
        .contains(
            dated("C1735689600", THIRD),
            dated(":000000", THIRD),
            dated("smör gås\n\"x\"", THIRD),
            dated("moved", THIRD))
        .hasSize(7);
  }

  @Test
  void settings_of_the_user_do_not_change_the_answer() throws IOException {
    made.git("switch", "-q", "-c", "side", "HEAD~1");
    made.write("side", "3").commitAll(THIRD);
    made.git("switch", "-q", "main");
    made.git("merge", "-q", "--no-commit", "--no-ff", "side");
    made.commitAll(FOURTH);
    Map<String, Instant> before = dates("");
    made.git("config", "log.showSignature", "true");
    made.git("config", "log.showRoot", "false");
    made.git("config", "log.diffMerges", "off");
    made.git("config", "log.follow", "true");
    made.git("config", "diff.relative", "false");
    made.git("config", "diff.renames", "copies");
    made.git("config", "diff.ignoreSubmodules", "all");
    made.git("config", "color.ui", "always");
    made.git("replace", "HEAD", "HEAD~1");
    assertThat(dates("")).isEqualTo(before).contains(dated("side", FOURTH), dated("old", FIRST));
  }

  @Test
  void a_submodule_has_the_date_of_the_commit_that_moved_it() throws IOException {
    TestRepository.withCommit(temp.resolve("library"));
    made.git("submodule", "--quiet", "add", temp.resolve("library").toString(), "lib");
    made.commitAll(THIRD);
    made.write("old", "4").commitAll(FOURTH);
    assertThat(dates("")).contains(dated("lib", THIRD)).doesNotContainKey("lib/kept.txt");
  }

  @Test
  void every_full_clone_says_the_same_and_a_shallow_one_nothing() {
    made.git("clone", "-q", made.folder().toString(), temp.resolve("clone").toString());
    made.git(
        "clone", "-q", "--depth=1", "file://" + made.folder(), temp.resolve("shallow").toString());
    GitRepository clone = GitRepository.discover(temp.resolve("clone"));
    assertThat(clone.lastChanges(clone.root())).isEqualTo(dates(""));
    GitRepository shallow = GitRepository.discover(temp.resolve("shallow"));
    assertThat(shallow.lastChanges(shallow.root())).isEmpty();
  }

  @Test
  void a_file_that_was_not_touched_for_very_long_has_a_date_that_stays() throws IOException {
    made.write("old", "3").commitAll(THIRD);
    assertThat(LastChanges.in(new GitProgram("git", made.folder()), 2))
        .containsOnly(
            dated("old", THIRD),
            entry("app/old", LastChanges.LONG_AGO),
            dated("app/sub/changed", SECOND),
            dated("app/new", SECOND));
  }

  @Test
  void a_folder_that_is_reached_through_a_link_is_the_same() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), made.folder());
    assertThat(GitRepository.discover(link).lastChanges(link.resolve("app")))
        .isEqualTo(dates("app"));
  }
}
