package dev.s3dock.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GitRepositoryTest {
  @TempDir Path temp;

  @Test
  void headIsTheCommitWithItsStampInTheOffsetThatItRecords() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    Commit head = made.open().head();
    assertThat(head.hash()).isEqualTo(made.git("rev-parse", "HEAD")).hasSize(40);
    assertThat(head.shortHash()).isEqualTo(head.hash().substring(0, 7));
    assertThat(head.stamp()).hasToString("20250721-2118");
    assertThat(head.committedAt()).isEqualTo(OffsetDateTime.parse("2025-07-21T21:18:30+02:00"));
  }

  @ParameterizedTest
  @CsvSource({
    "2025-01-01T00:30:00+05:30, 20250101-0030",
    "2024-12-31T23:59:59-11:00, 20241231-2359",
    "2025-06-30T12:00:00Z,      20250630-1200",
    "2025-06-30T12:00:00+13:45, 20250630-1200"
  })
  void stampDoesNotDependOnTheZoneOfThisMachine(String committed, String stamp) throws IOException {
    TestRepository made = TestRepository.init(temp).write("file", "");
    made.commitAll(committed);
    assertThat(made.open().head().stamp()).hasToString(stamp);
  }

  @Test
  void settingsOfTheUserDoNotChangeTheAnswer() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    made.git("config", "log.showSignature", "true");
    made.git("config", "log.date", "relative");
    made.git("config", "status.showUntrackedFiles", "no");
    made.git("config", "status.branch", "true");
    made.git("config", "status.relativePaths", "true");
    made.write("new file", "");
    assertThat(made.open().head().stamp()).hasToString("20250721-2118");
    assertThat(made.open().changes())
        .extracting(Change::toString)
        .containsExactly("untracked: new file");
  }

  @Test
  void detachedHeadIsACommitLikeAnyOther() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    String first = made.git("rev-parse", "HEAD");
    made.write("kept.txt", "two\n").commitAll("2025-08-01T00:00:00Z");
    made.git("checkout", "-q", first);
    assertThat(made.open().head().hash()).isEqualTo(first);
    assertThat(made.open().changes()).isEmpty();
  }

  @Test
  void sha256RepositoryHasLongHashes() throws IOException {
    Commit head = TestRepository.withCommit(temp, "--object-format=sha256").open().head();
    assertThat(head.hash()).hasSize(64);
    assertThat(head.shortHash()).hasSize(7);
  }

  @Test
  void isFoundFromASubDirectory() throws IOException {
    TestRepository made = TestRepository.withCommit(temp.resolve("top"));
    made.write("a/b/new", "");
    GitRepository found = GitRepository.discover(made.folder().resolve("a/b"));
    assertThat(found.root()).isEqualTo(made.folder().toRealPath());
    assertThat(found.changes()).extracting(Change::path).containsExactly("a/b/new");
  }

  @Test
  void folderNameMayHoldALineBreak() throws IOException {
    Path odd = temp.resolve("a\nb\n");
    assertThat(TestRepository.withCommit(odd).open().root()).isEqualTo(odd.toRealPath());
  }

  @Test
  void linkedWorktreeHasItsOwnHeadAndChanges() throws IOException {
    TestRepository made = TestRepository.withCommit(temp.resolve("main"));
    made.git("worktree", "add", "-q", "-b", "side", "../side");
    TestRepository side = TestRepository.at(temp.resolve("side"));
    side.write("kept.txt", "side\n").commitAll("2025-08-01T10:00:00Z");
    side.write("new", "");
    assertThat(side.open().head().stamp()).hasToString("20250801-1000");
    assertThat(side.open().changes()).extracting(Change::path).containsExactly("new");
    assertThat(made.open().head().stamp()).hasToString("20250721-2118");
    assertThat(made.open().changes()).isEmpty();
  }

  @Test
  void shallowCloneKnowsItsHead() throws IOException {
    TestRepository made = TestRepository.withCommit(temp.resolve("origin"));
    made.write("kept.txt", "two\n").commitAll("2025-08-01T10:00:00+01:00");
    made.git("clone", "-q", "--depth", "1", made.folder().toUri().toString(), "../shallow");
    GitRepository shallow = GitRepository.discover(temp.resolve("shallow"));
    assertThat(shallow.head().stamp()).hasToString("20250801-1000");
    assertThat(shallow.changes()).isEmpty();
  }

  @Test
  void originIsReportedWithoutCredentials() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    assertThat(made.open().originUrl()).isEmpty();
    made.git("remote", "add", "origin", "https://me:s3cret@example.org/team/app.git");
    assertThat(made.open().originUrl()).contains("https://example.org/team/app.git");
  }

  @Test
  void originIsNotRewrittenToAnAddressWithAToken() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    made.git("remote", "add", "origin", "https://example.org/app");
    made.git("config", "url.https://token@example.org/.insteadOf", "https://example.org/");
    assertThat(made.open().originUrl()).contains("https://example.org/app");
  }

  @Test
  void folderOutsideOfARepositoryIsRefused() {
    fails(() -> GitRepository.discover(temp), GitException.Kind.NOT_A_REPOSITORY, temp.toString());
  }

  @Test
  void absentFolderIsRefused() {
    Path absent = temp.resolve("absent");
    fails(() -> GitRepository.discover(absent), GitException.Kind.NOT_A_REPOSITORY, "absent");
  }

  @Test
  void bareRepositoryIsRefused() throws IOException {
    TestRepository bare = TestRepository.init(temp, "--bare");
    fails(bare::open, GitException.Kind.NOT_A_REPOSITORY, "work tree");
  }

  @Test
  void emptyRepositoryHasNoHead() throws IOException {
    GitRepository empty = TestRepository.init(temp).open();
    fails(empty::head, GitException.Kind.NO_COMMITS, "commit first");
  }

  @Test
  void absentGitIsNamed() {
    fails(() -> GitRepository.discover(temp, "no-such-git"), GitException.Kind.NO_GIT, "install");
  }

  @Test
  void repositoryOfAnotherUserIsNamedWithTheRemedy() throws IOException {
    Path fake = temp.resolve("git");
    Files.writeString(
        fake,
        "#!/bin/sh\necho \"fatal: detected dubious ownership in repository at '$PWD'\" >&2\nexit 128\n");
    assertThat(fake.toFile().setExecutable(true)).isTrue();
    fails(
        () -> GitRepository.discover(temp, fake.toString()),
        GitException.Kind.UNSAFE,
        "git config --global --add safe.directory " + temp);
  }

  private static void fails(ThrowingCallable call, GitException.Kind kind, String text) {
    assertThatThrownBy(call)
        .asInstanceOf(type(GitException.class))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind))
        .satisfies(e -> assertThat(e).hasMessageContaining(text));
  }
}
