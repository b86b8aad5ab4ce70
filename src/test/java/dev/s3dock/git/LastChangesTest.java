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
  void eachFileHasTheDateOfTheCommitThatLastChangedIt() {
    assertThat(dates(""))
        .containsOnly(
            dated("old", FIRST),
            dated("app/old", FIRST),
            dated("app/sub/changed", SECOND),
            dated("app/new", SECOND));
  }

  @Test
  void pathsAreRelativeToTheFolderAndNothingElseIsListed() {
    assertThat(dates("app"))
        .containsOnly(dated("old", FIRST), dated("sub/changed", SECOND), dated("new", SECOND));
  }

  @Test
  void aFolderWithoutTrackedFilesHasNoDates() throws IOException {
    made.write("built/output", "untracked");
    assertThat(dates("built")).isEmpty();
  }

  @Test
  void aMergeCountsWithAllThatItBrought() throws IOException {
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
  void strangeNamesAndMovedOrEmptyFilesAreNoTrouble() throws IOException {
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
  void settingsOfTheUserDoNotChangeTheAnswer() throws IOException {
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
  void aSubmoduleHasTheDateOfTheCommitThatMovedIt() throws IOException {
    TestRepository.withCommit(temp.resolve("library"));
    made.git("submodule", "--quiet", "add", temp.resolve("library").toString(), "lib");
    made.commitAll(THIRD);
    made.write("old", "4").commitAll(FOURTH);
    assertThat(dates("")).contains(dated("lib", THIRD)).doesNotContainKey("lib/kept.txt");
  }

  @Test
  void everyFullCloneSaysTheSameAndAShallowOneNothing() {
    made.git("clone", "-q", made.folder().toString(), temp.resolve("clone").toString());
    made.git(
        "clone", "-q", "--depth=1", "file://" + made.folder(), temp.resolve("shallow").toString());
    GitRepository clone = GitRepository.discover(temp.resolve("clone"));
    assertThat(clone.lastChanges(clone.root())).isEqualTo(dates(""));
    GitRepository shallow = GitRepository.discover(temp.resolve("shallow"));
    assertThat(shallow.lastChanges(shallow.root())).isEmpty();
  }

  @Test
  void aFileThatWasNotTouchedForVeryLongHasADateThatStays() throws IOException {
    made.write("old", "3").commitAll(THIRD);
    assertThat(LastChanges.in(new GitProgram("git", made.folder()), 2))
        .containsOnly(
            dated("old", THIRD),
            entry("app/old", LastChanges.LONG_AGO),
            dated("app/sub/changed", SECOND),
            dated("app/new", SECOND));
  }

  @Test
  void aFolderThatIsReachedThroughALinkIsTheSame() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), made.folder());
    assertThat(GitRepository.discover(link).lastChanges(link.resolve("app")))
        .isEqualTo(dates("app"));
  }
}
