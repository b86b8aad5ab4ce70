package dev.s3dock.git;

import dev.s3dock.git.GitException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The work tree of a git repository. Only reads: no lock is taken, no index refreshed on disk.
 *
 * <p>Every method throws {@link GitException}; {@code NO_GIT} and {@code FAILED} are possible
 * everywhere.
 */
public final class GitRepository {
  private static final Pattern DISTRUSTED =
      Pattern.compile("(?:ownership in|unsafe) repository (?:at )?\\(?'([^']+)'");

  private final Path root;
  private final GitProgram git;

  private GitRepository(Path root, GitProgram git) {
    this.root = root;
    this.git = git;
  }

  /**
   * The repository whose work tree holds this folder. The folder alone decides, even where {@code
   * GIT_DIR} is set, as it is in a hook.
   *
   * @throws GitException {@code NOT_A_REPOSITORY} if there is none, or a bare one; {@code UNSAFE}
   *     if git does not trust its owner
   */
  public static GitRepository discover(Path directory) {
    return discover(directory, "git");
  }

  static GitRepository discover(Path directory, String program) {
    if (!Files.isDirectory(directory)) {
      throw new GitException(
          Kind.NOT_A_REPOSITORY,
          "there is no folder %s: name the folder of a git repository".formatted(directory));
    }
    GitProgram.Result found =
        new GitProgram(program, directory).run("rev-parse", "--show-toplevel");
    if (!found.succeeded()) {
      throw notFound(directory, found);
    }
    Path root = Path.of(found.line());
    return new GitRepository(root, new GitProgram(program, root));
  }

  private static GitException notFound(Path directory, GitProgram.Result found) {
    String error = found.error();
    if (error.contains("dubious ownership") || error.contains("unsafe repository")) {
      return new GitException(
          Kind.UNSAFE,
          "git does not trust the repository at %1$s, because it belongs to another user: run `git config --global --add safe.directory %1$s` if you do"
              .formatted(
                  distrusted(error).orElse(directory.toAbsolutePath().normalize().toString())));
    }
    if (error.contains("not a git repository") || error.contains("must be run in a work tree")) {
      return new GitException(
          Kind.NOT_A_REPOSITORY,
          "%s is not in the work tree of a git repository: change to one, or run `git init` and commit"
              .formatted(directory.toAbsolutePath().normalize()));
    }
    return found.failure();
  }

  /** The top of the repository, which is what counts, as git names it. */
  private static Optional<String> distrusted(String error) {
    Matcher named = DISTRUSTED.matcher(error);
    return named.find() ? Optional.of(named.group(1)) : Optional.empty();
  }

  /**
   * The version of the git program, such as {@code 2.39.5}.
   *
   * @param directory any folder that exists
   */
  public static String version(Path directory) {
    String said = new GitProgram("git", directory).run("version").orThrow().line();
    return said.replaceFirst("^git version ", "");
  }

  /** The work tree's top folder, absolute, symbolic links resolved. */
  public Path root() {
    return root;
  }

  /**
   * The commit that is checked out.
   *
   * @throws GitException {@code NO_COMMITS} if there is none yet
   */
  public Commit head() {
    GitProgram.Result head = git.run("rev-parse", "--quiet", "--verify", "HEAD^{commit}");
    if (!head.succeeded()) {
      throw new GitException(
          Kind.NO_COMMITS,
          "the repository %s has no commit to name an image after: commit first".formatted(root));
    }
    String hash = head.line();
    String date =
        git.run("log", "-1", "--no-show-signature", "--format=%cI", hash).orThrow().line();
    try {
      return new Commit(hash, OffsetDateTime.parse(date));
    } catch (DateTimeException e) {
      throw new GitException(
          Kind.FAILED,
          "commit %s of %s has a committer date that cannot be used, '%s': amend the commit"
              .formatted(hash, root, date),
          e);
    }
  }

  /**
   * How the work tree differs from {@link #head()}: nothing if it is clean. A path that differs in
   * the index and in the work tree is listed for each. Files that git ignores do not count;
   * untracked ones are listed one by one, except for a repository inside of this one, which is
   * listed as a folder. Settings that make {@code git status} overlook submodules are not followed.
   */
  public List<Change> changes() {
    return StatusParser.parse(
        git.run(
                "status",
                "--porcelain=v2",
                "-z",
                "--untracked-files=all",
                "--ignore-submodules=none",
                "--ignored=no")
            .orThrow()
            .text());
  }

  /**
   * When each file that is tracked below this folder was last changed, by path relative to it, with
   * {@code /}; a submodule counts as one file. Every full clone says the same of a commit. Empty in
   * a shallow clone, which cannot know, and in a partial one that cannot reach its remote.
   *
   * @param folder in the work tree
   */
  public Map<String, Instant> lastChanges(Path folder) {
    String shallow = git.run("rev-parse", "--is-shallow-repository").orThrow().line();
    if (shallow.equals("true")) {
      return Map.of();
    }
    try {
      return LastChanges.in(git.in(folder));
    } catch (GitException e) {
      if (isPartial()) {
        return Map.of();
      }
      throw e;
    }
  }

  private boolean isPartial() {
    return git.run("config", "--get-regexp", "^remote\\..*\\.promisor$").succeeded();
  }

  /**
   * What the commit holds below a folder, compared with what lies there. Nothing that makes {@code
   * git status} overlook a difference counts here: every file is compared by its content.
   *
   * @param folder in the work tree
   */
  public CommittedFiles committed(Path folder) {
    return new CommitTree(git.in(folder)).read();
  }

  /** The last part of where {@code origin} lies, without {@code .git}; else the top folder's. */
  public String name() {
    String folder = String.valueOf(root.getFileName());
    return originUrl().map(RemoteUrl::lastPart).filter(name -> !name.isEmpty()).orElse(folder);
  }

  /**
   * The same for one file, which may lie anywhere in the work tree; links on the way to it are
   * followed. Paths are its name.
   *
   * @return empty if it lies outside of the work tree, or in a repository inside of it
   * @throws IOException if there is no such folder
   */
  public Optional<CommittedFiles> committedFile(Path file) throws IOException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    Path name = file.getFileName();
    if (folder == null || name == null) {
      return Optional.empty();
    }
    Path real = folder.toRealPath();
    GitProgram there = git.in(real);
    GitProgram.Result top = there.run("rev-parse", "--show-toplevel");
    return top.succeeded() && Path.of(top.line()).equals(root)
        ? Optional.of(new CommitTree(there, name.toString()).read())
        : Optional.empty();
  }

  /**
   * Where {@code origin} lies, as configured, without user name and password; the user of an ssh
   * address stays, as it belongs to the address. Empty if there is no {@code origin}.
   */
  public Optional<String> originUrl() {
    GitProgram.Result url = git.run("config", "--get", "remote.origin.url");
    return url.succeeded()
        ? Optional.of(RemoteUrl.withoutCredentials(url.line()))
        : Optional.empty();
  }
}
