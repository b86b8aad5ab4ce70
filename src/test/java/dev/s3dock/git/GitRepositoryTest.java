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
  void head_is_the_commit_with_its_stamp_in_the_offset_that_it_records() throws IOException {
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
  void stamp_does_not_depend_on_the_zone_of_this_machine(String committed, String stamp)
      throws IOException {
    TestRepository made = TestRepository.init(temp).write("file", "");
    made.commitAll(committed);
    assertThat(made.open().head().stamp()).hasToString(stamp);
  }

  @Test
  void settings_of_the_user_do_not_change_the_answer() throws IOException {
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
  void detached_head_is_a_commit_like_any_other() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    String first = made.git("rev-parse", "HEAD");
    made.write("kept.txt", "two\n").commitAll("2025-08-01T00:00:00Z");
    made.git("checkout", "-q", first);
    assertThat(made.open().head().hash()).isEqualTo(first);
    assertThat(made.open().changes()).isEmpty();
  }

  @Test
  void sha256_repository_has_long_hashes() throws IOException {
    Commit head = TestRepository.withCommit(temp, "--object-format=sha256").open().head();
    assertThat(head.hash()).hasSize(64);
    assertThat(head.shortHash()).hasSize(7);
  }

  @Test
  void is_found_from_a_sub_directory() throws IOException {
    TestRepository made = TestRepository.withCommit(temp.resolve("top"));
    made.write("a/b/new", "");
    GitRepository found = GitRepository.discover(made.folder().resolve("a/b"));
    assertThat(found.root()).isEqualTo(made.folder().toRealPath());
    assertThat(found.changes()).extracting(Change::path).containsExactly("a/b/new");
  }

  @Test
  void folder_name_may_hold_a_line_break() throws IOException {
    Path odd = temp.resolve("a\nb\n");
    assertThat(TestRepository.withCommit(odd).open().root()).isEqualTo(odd.toRealPath());
  }

  @Test
  void linked_worktree_has_its_own_head_and_changes() throws IOException {
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
  void shallow_clone_knows_its_head() throws IOException {
    TestRepository made = TestRepository.withCommit(temp.resolve("origin"));
    made.write("kept.txt", "two\n").commitAll("2025-08-01T10:00:00+01:00");
    made.git("clone", "-q", "--depth", "1", made.folder().toUri().toString(), "../shallow");
    GitRepository shallow = GitRepository.discover(temp.resolve("shallow"));
    assertThat(shallow.head().stamp()).hasToString("20250801-1000");
    assertThat(shallow.changes()).isEmpty();
  }

  @Test
  void origin_is_reported_without_credentials() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    assertThat(made.open().originUrl()).isEmpty();
    made.git("remote", "add", "origin", "https://me:s3cret@example.org/team/app.git");
    assertThat(made.open().originUrl()).contains("https://example.org/team/app.git");
  }

  @Test
  void a_repository_is_called_as_its_origin_or_else_its_folder() throws IOException {
    TestRepository made = TestRepository.withCommit(temp.resolve("Shop"));
    assertThat(made.open().name()).isEqualTo("Shop");
    made.git("remote", "add", "origin", "git@example.org:team/web-shop.git");
    assertThat(made.open().name()).isEqualTo("web-shop");
  }

  @Test
  void origin_is_not_rewritten_to_an_address_with_a_token() throws IOException {
    TestRepository made = TestRepository.withCommit(temp);
    made.git("remote", "add", "origin", "https://example.org/app");
    made.git("config", "url.https://token@example.org/.insteadOf", "https://example.org/");
    assertThat(made.open().originUrl()).contains("https://example.org/app");
  }

  @Test
  void folder_outside_of_a_repository_is_refused() {
    fails(() -> GitRepository.discover(temp), GitException.Kind.NOT_A_REPOSITORY, temp.toString());
  }

  @Test
  void absent_folder_is_refused() {
    Path absent = temp.resolve("absent");
    fails(() -> GitRepository.discover(absent), GitException.Kind.NOT_A_REPOSITORY, "absent");
  }

  @Test
  void bare_repository_is_refused() throws IOException {
    TestRepository bare = TestRepository.init(temp, "--bare");
    fails(bare::open, GitException.Kind.NOT_A_REPOSITORY, "work tree");
  }

  @Test
  void empty_repository_has_no_head() throws IOException {
    GitRepository empty = TestRepository.init(temp).open();
    fails(empty::head, GitException.Kind.NO_COMMITS, "commit first");
  }

  @Test
  void absent_git_is_named() {
    fails(() -> GitRepository.discover(temp, "no-such-git"), GitException.Kind.NO_GIT, "install");
  }

  @Test
  void repository_of_another_user_is_named_with_the_remedy() throws IOException {
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
