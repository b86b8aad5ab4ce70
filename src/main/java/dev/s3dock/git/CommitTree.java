package dev.s3dock.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.git.CommittedFiles.Hidden;
import dev.s3dock.git.GitException.Kind;
import dev.s3dock.image.FailureWords;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what HEAD holds below a folder, and compares it with the work tree, file by file. */
final class CommitTree {
  private static final Pattern ENTRY =
      Pattern.compile("(\\d{6}) \\w+ [0-9a-f]+\t(.+)", Pattern.DOTALL);
  private static final Pattern LINE_ENDS =
      Pattern.compile("i/(\\S*) +w/(\\S*) +attr/(.*?) *\t(.+)", Pattern.DOTALL);
  private static final String SUBMODULE = "160000";
  private static final String EXECUTABLE = "100755";

  /** The first line of a pointer: git-lfs.com, specification 1. */
  private static final byte[] LFS_POINTER =
      "version https://git-lfs.github.com/spec/v1".getBytes(UTF_8);

  private static final String CHECK_OUT_AGAIN =
      "run `git config core.autocrlf false`, remove the file, and run `git checkout -- .`";

  /** Nothing of a user's settings lets a file that differs pass for the same. */
  private static final List<String> STRICT =
      List.of(
          "-c", "core.sparseCheckout=false",
          "-c", "core.splitIndex=false",
          "-c", "core.fsmonitor=false",
          "-c", "core.untrackedCache=false",
          "-c", "core.autocrlf=false",
          "-c", "core.symlinks=true",
          "-c", "core.fileMode=false"); // modes are taken from the commit

  private static final String ALL = ".";

  private final GitProgram git;

  /** The name of a file in the folder, or all that is below it. */
  private final String only;

  private final Map<String, Boolean> files = new HashMap<>();
  private final List<Hidden> hidden = new ArrayList<>();

  CommitTree(GitProgram git) {
    this(git, ALL);
  }

  /** Of one file in the folder. */
  CommitTree(GitProgram git, String only) {
    this.git = git;
    this.only = only;
  }

  private String pathspec() {
    return only.equals(ALL) ? ALL : ":(literal)" + only;
  }

  CommittedFiles read() {
    List<String> submodules = list();
    compare();
    compareLineEnds();
    findPointers();
    submodules.forEach(this::enter);
    return new CommittedFiles(files, hidden);
  }

  /** Lists the files; returns the submodules. */
  private List<String> list() {
    List<String> submodules = new ArrayList<>();
    for (byte[] bytes : tokens("ls-tree", "-r", "-z", "HEAD", "--", only)) {
      Matcher entry = ENTRY.matcher(text(bytes));
      if (!entry.matches()) {
        throw new GitException(Kind.FAILED, "git ls-tree printed '" + text(bytes) + "'");
      }
      String path = entry.group(2);
      if (entry.group(1).equals(SUBMODULE)) {
        submodules.add(path);
      } else if (isUtf8(bytes)) {
        files.put(path, entry.group(1).equals(EXECUTABLE));
      } else {
        hidden.add(new Hidden(path, "has a name that is not UTF-8", "rename it, and commit that"));
      }
    }
    return submodules;
  }

  /** An index that is made anew knows no file's date, so git compares the content of each. */
  private void compare() {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path scratch = null;
    try {
      scratch = Files.createTempDirectory(temporary, "s3dock-index-");
      GitProgram fresh = git.withIndex(scratch.resolve("index"));
      fresh.run(strict("read-tree", "HEAD")).orThrow();
      String prefix = git.run("rev-parse", "--show-prefix").orThrow().line();
      List<Change> changes =
          StatusParser.parse(
              fresh
                  .run(
                      strict(
                          "status",
                          "--porcelain=v2",
                          "-z",
                          "--no-renames",
                          "--untracked-files=no",
                          "--ignore-submodules=all",
                          "--",
                          pathspec()))
                  .orThrow()
                  .text());
      if (!changes.isEmpty()) {
        Flags flags = flags();
        changes.stream()
            .filter(change -> change.path().startsWith(prefix))
            .map(change -> flags.explain(change.kind(), change.path().substring(prefix.length())))
            .forEach(hidden::add);
      }
    } catch (IOException e) {
      throw new GitException(
          Kind.FAILED,
          "cannot make a temporary index in %s/ (%s): set TMPDIR to a folder that can be written to"
              .formatted(temporary, FailureWords.of(e)),
          e);
    } finally {
      remove(scratch);
    }
  }

  private static String[] strict(String... arguments) {
    return Stream.concat(STRICT.stream(), Stream.of(arguments)).toArray(String[]::new);
  }

  private static void remove(@Nullable Path scratch) {
    if (scratch == null) {
      return;
    }
    try {
      for (String name : List.of("index", "index.lock")) {
        Files.deleteIfExists(scratch.resolve(name));
      }
      Files.deleteIfExists(scratch);
    } catch (IOException e) {
      // a temporary folder with an index that nobody misses
    }
  }

  /** What tells git to leave files alone: the paths by kind. */
  private record Flags(Set<String> assumed, Set<String> skipped, boolean sparse) {
    Hidden explain(Change.Kind kind, String path) {
      if (kind == Change.Kind.DELETED) {
        return new Hidden(
            path,
            sparse ? "is left out by a sparse checkout" : "is not there",
            sparse ? "run `git sparse-checkout disable`" : "run `git checkout -- " + path + "`");
      }
      if (assumed.contains(path)) {
        return new Hidden(
            path,
            "has changes that `git update-index --assume-unchanged` hides",
            "run `git update-index --no-assume-unchanged " + path + "`, and commit them");
      }
      if (skipped.contains(path)) {
        return new Hidden(
            path,
            "has changes that `git update-index --skip-worktree` hides",
            "run `git update-index --no-skip-worktree " + path + "`, and commit them");
      }
      return new Hidden(path, "is not as the commit has it", CHECK_OUT_AGAIN);
    }
  }

  private Flags flags() {
    Set<String> assumed = new HashSet<>();
    Set<String> skipped = new HashSet<>();
    for (byte[] bytes : tokens("ls-files", "-v", "-z")) {
      String line = text(bytes);
      if (Character.isLowerCase(line.charAt(0))) {
        assumed.add(line.substring(2));
      }
      if (Character.toUpperCase(line.charAt(0)) == 'S') {
        skipped.add(line.substring(2));
      }
    }
    boolean sparse = git.run("config", "--bool", "core.sparseCheckout").line().equals("true");
    return new Flags(assumed, skipped, sparse);
  }

  /** Settings of a user that make line ends, where the commit's own attributes ask for none. */
  private void compareLineEnds() {
    for (byte[] bytes : tokens("ls-files", "--eol", "-z", "--", pathspec())) {
      Matcher line = LINE_ENDS.matcher(text(bytes));
      if (line.matches()
          && line.group(1).equals("lf")
          && !line.group(2).equals("lf")
          && !line.group(2).isEmpty()
          && !line.group(3).contains("eol=crlf")) {
        add(new Hidden(line.group(4), "has other line ends than the commit", CHECK_OUT_AGAIN));
      }
    }
  }

  private void add(Hidden found) {
    if (hidden.stream().noneMatch(other -> other.path().equals(found.path()))) {
      hidden.add(found);
    }
  }

  private void findPointers() {
    for (byte[] bytes : tokens("ls-files", "-z", "--", ":(attr:filter=lfs)")) {
      String path = text(bytes);
      if ((only.equals(ALL) || only.equals(path)) && isPointer(git.folder().resolve(path))) {
        add(new Hidden(path, "is a pointer of Git LFS and not the file", "run `git lfs pull`"));
      }
    }
  }

  private static boolean isPointer(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(LFS_POINTER.length), LFS_POINTER);
    } catch (IOException e) {
      return false; // whoever sends it says so
    }
  }

  private void enter(String path) {
    Path folder = git.folder().resolve(path);
    if (!Files.exists(folder.resolve(".git"), LinkOption.NOFOLLOW_LINKS)) {
      hidden.add(
          new Hidden(
              path,
              "is a submodule that is not checked out",
              "run `git submodule update --init --recursive`"));
      return;
    }
    CommittedFiles inside = new CommitTree(git.in(folder)).read();
    inside.files().forEach((name, mode) -> files.put(path + "/" + name, mode));
    inside
        .hidden()
        .forEach(it -> hidden.add(new Hidden(path + "/" + it.path(), it.problem(), it.remedy())));
  }

  /** What git prints between NULs; a path may be in any encoding. */
  private List<byte[]> tokens(String... arguments) {
    List<byte[]> tokens = new ArrayList<>();
    git.read(
        List.of(arguments),
        output -> {
          ByteArrayOutputStream token = new ByteArrayOutputStream();
          InputStream in = new BufferedInputStream(output, 1 << 16);
          for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == 0) {
              tokens.add(token.toByteArray());
              token.reset();
            } else {
              token.write(b);
            }
          }
          return false;
        });
    return tokens;
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Bytes that are no UTF-8 are shown one by one. */
  private static String text(byte[] bytes) {
    return new String(bytes, isUtf8(bytes) ? UTF_8 : ISO_8859_1);
  }
}
