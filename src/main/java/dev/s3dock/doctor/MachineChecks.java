package dev.s3dock.doctor;

import dev.s3dock.archive.Compression;
import dev.s3dock.archive.codec.ChunkCodec;
import dev.s3dock.git.GitException;
import dev.s3dock.git.GitRepository;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checks of this machine, engine aside.
 *
 * @param workingDirectory where git is asked
 * @param spool where temporary files go
 * @param cache where s3dock keeps what it can do without
 * @param chunks what pulls keep
 * @param compression as configured
 */
public record MachineChecks(
    Role role,
    Path workingDirectory,
    Path spool,
    Path cache,
    ChunkCacheCheck chunks,
    String compression) {
  /** The first with {@code git status --ignored=no}. */
  private static final List<Integer> OLDEST_GIT = List.of(2, 16);

  private static final Pattern GIT_VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

  /** The checks of this machine, in the order in which they are shown. */
  public List<Check> checks() {
    return List.of(
        Check.local("git", report -> report.accept(git())),
        Check.local("temporary files", this::spool),
        Check.local("cache", this::cache),
        chunks.check(),
        Check.local("compression", report -> report.accept(inForce())));
  }

  private CheckResult git() {
    String version;
    try {
      version = GitRepository.version(workingDirectory);
    } catch (GitException e) {
      return CheckResult.problem("git", e, role.needsGit());
    }
    Matcher matcher = GIT_VERSION.matcher(version);
    if (matcher.matches() && isOld(matcher)) {
      return CheckResult.problem(
          "git",
          new UnfitException(
              "git is %s; install %d.%d or newer"
                  .formatted(version, OLDEST_GIT.get(0), OLDEST_GIT.get(1))),
          role.needsGit());
    }
    return CheckResult.ok("git", version);
  }

  private static boolean isOld(Matcher version) {
    int major = Integer.parseInt(version.group(1));
    int minor = Integer.parseInt(version.group(2));
    return major < OLDEST_GIT.get(0) || (major == OLDEST_GIT.get(0) && minor < OLDEST_GIT.get(1));
  }

  private void spool(Consumer<CheckResult> report) {
    boolean needed = role.needsEngine();
    try {
      tryWriting(spool);
      report.accept(DiskSpace.of("temporary files", spool, needed));
    } catch (IOException e) {
      report.accept(
          CheckResult.problem(
              "temporary files",
              new UnfitException(
                  "cannot create a file in %s (%s); set TMPDIR to a writable folder"
                      .formatted(spool, FailureWords.of(e))),
              needed));
    }
  }

  /** A missing folder is made when it is needed: what counts is the one that it is made in. */
  private void cache(Consumer<CheckResult> report) {
    Path folder = existing(cache);
    try {
      tryWriting(folder);
      report.accept(DiskSpace.of("cache", folder, false));
    } catch (IOException e) {
      report.accept(
          CheckResult.warning(
              "cache",
              "%s cannot be written (%s), so each push compresses everything again; make the"
                      .formatted(cache, FailureWords.of(e))
                  + " folder writable for this user, or set XDG_CACHE_HOME"));
    }
  }

  /** The folder, or the first one around it that is there. */
  static Path existing(Path wanted) {
    Path folder = wanted;
    while (!Files.exists(folder) && folder.getParent() != null) {
      folder = folder.getParent();
    }
    return folder;
  }

  static void tryWriting(Path folder) throws IOException {
    Files.delete(Files.createTempFile(folder, ".s3dock-doctor", ".tmp"));
  }

  private CheckResult inForce() {
    Compression inForce = ChunkCodec.resolve(Compression.Choice.parse(compression));
    try {
      ChunkCodec.compress(new byte[1], inForce);
    } catch (LinkageError e) { // zstd unpacks its library where temporary files go
      return CheckResult.failure(
          "compression",
          new UnfitException(
              "%s: its native library cannot be loaded from %s; where that is mounted noexec, set TMPDIR to another folder"
                  .formatted(inForce, spool)));
    }
    String gzip = ChunkCodec.fingerprint(ChunkCodec.standard());
    String text = "%s; gzip by %s".formatted(inForce, gzip.replaceFirst(":.*", ""));
    return gzip.startsWith("libdeflate:")
        ? CheckResult.ok("compression", text)
        : CheckResult.warning(
            "compression",
            text
                + ", which is slower than libdeflate; install libdeflate (Debian, Ubuntu:"
                + " libdeflate0)");
  }
}
