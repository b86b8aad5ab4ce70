package dev.s3dock.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.image.Digest;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Builds of one commit from two clones that differ in the dates and modes of their files. */
@Tag("engine")
@ResourceLock(value = "docker20", mode = ResourceAccessMode.READ)
@ResourceLock(value = "docker26", mode = ResourceAccessMode.READ)
class TwoClonesTest {
  private static final Instant FIRST = Instant.parse("2025-01-01T00:00:00Z");
  private static final Instant SECOND = Instant.parse("2025-02-01T00:00:00Z");

  enum With {
    CLASSIC_20,
    BUILDKIT_20,
    BUILDKIT_26;

    TestEngine engine() {
      return this == BUILDKIT_26 ? Engines.docker26() : Engines.docker20();
    }

    Map<String, String> environment() {
      return this == CLASSIC_20 ? engine().environment() : engine().environmentWithBuildx();
    }

    /** BuildKit of Docker 20.10 gives folders the time at which it received them. */
    boolean keepsDatesOfFolders() {
      return this != BUILDKIT_20;
    }
  }

  @TempDir Path folder;
  private Path origin;

  @BeforeEach
  void makeRepository() throws Exception {
    origin = Files.createDirectories(folder.resolve("origin"));
    run(origin, "git", "init", "-q");
    Files.copy(Engines.busybox(), origin.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
    write(
        "Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\nCOPY app /srv/app\nCMD [\"x\"]\n");
    write("app/deep/old", "1");
    write("app/deep/down/changed", "1");
    Files.createSymbolicLink(origin.resolve("app/link"), Path.of("deep/old"));
    commit(FIRST);
    write("app/deep/down/changed", "2");
    commit(SECOND);
  }

  private void write(String name, String text) throws IOException {
    Path file = origin.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void commit(Instant date) throws Exception {
    run(origin, "git", "add", "-A");
    run(
        origin,
        "env",
        "GIT_COMMITTER_DATE=" + date,
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "commit",
        "-qm",
        "a commit");
  }

  private static void run(Path where, String... command) throws Exception {
    Process process = new ProcessBuilder(command).directory(where.toFile()).inheritIO().start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private Path clone(String name, String umask, Instant date) throws Exception {
    run(folder, "sh", "-c", "umask " + umask + " && git clone -q origin " + name);
    Path clone = folder.resolve(name);
    try (Stream<Path> files = Files.walk(clone)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(date));
      }
    }
    return clone;
  }

  private String build(With with, Path clone, String... options) {
    User user = new User(folder).in(clone).with(with.environment());
    String[] command =
        Stream.concat(Stream.of("build", "clones"), Stream.of(options)).toArray(String[]::new);
    return user.s3dock(command).ok().line();
  }

  @ParameterizedTest
  @EnumSource
  void the_engines_cache_serves_the_second_clone_and_the_image_is_the_same(With with)
      throws Exception {
    TestEngine engine = with.engine();
    String reference = build(with, clone("one", "022", Instant.parse("2026-01-01T00:00:00Z")));
    String first = engine.engine().inspect(reference).orElseThrow().id();
    build(with, clone("two", "077", Instant.parse("2026-02-02T00:00:00Z")));
    assertThat(engine.engine().inspect(reference).orElseThrow().id()).isEqualTo(first);
  }

  @ParameterizedTest
  @EnumSource
  void without_a_cache_only_folders_made_by_the_builder_differ(With with) throws Exception {
    Map<String, String> one =
        content(with, build(with, clone("one", "022", Instant.EPOCH), "--no-cache"));
    Map<String, String> two =
        content(with, build(with, clone("two", "077", Instant.now()), "--no-cache"));
    assertThat(one).isEqualTo(two);
    assertThat(one).hasSize(with.keepsDatesOfFolders() ? 6 : 4);
    assertThat(one.get("srv/app/deep/old")).startsWith("644 0:0 " + FIRST);
    assertThat(one.get("srv/app/deep/down/changed")).startsWith("644 0:0 " + SECOND);
    assertThat(one.get("srv/app/link")).startsWith("777 0:0 " + FIRST);
    assertThat(one.get("bin/busybox")).startsWith("755 0:0 " + FIRST);
    if (with.keepsDatesOfFolders()) {
      assertThat(one.get("srv/app/deep/")).startsWith("755 0:0 " + SourceDates.FOLDERS);
    }
  }

  @Test
  void build_kit_dates_the_image_by_the_commit_unless_the_user_says_otherwise() throws Exception {
    Path clone = clone("one", "022", Instant.now());
    User user = new User(folder).in(clone).with(With.BUILDKIT_26.environment());
    assertThat(created(user.s3dock("build", "dated").ok().line())).isEqualTo(SECOND);
    assertThat(
            created(
                user.s3dock("build", "dated", "--build-arg", "SOURCE_DATE_EPOCH=1000").ok().line()))
        .isEqualTo(Instant.ofEpochSecond(1000));
    user.with("SOURCE_DATE_EPOCH", "2000");
    assertThat(created(user.s3dock("build", "dated").ok().line()))
        .isEqualTo(Instant.ofEpochSecond(2000));
    assertThat(user.temporary()).as("the copy of the context is gone").isEmptyDirectory();
  }

  private static Instant created(String reference) {
    return Instant.parse(
        With.BUILDKIT_26.engine().docker("inspect", "-f", "{{.Created}}", reference));
  }

  /** What was copied from the context, with all that its headers say. */
  private Map<String, String> content(With with, String reference) throws IOException {
    Path tar = folder.resolve("exported.tar");
    String container = with.engine().docker("create", "--network", "none", reference);
    with.engine().docker("export", "-o", tar.toString(), container);
    with.engine().docker("rm", container);
    Map<String, String> content = new TreeMap<>();
    try (var in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        boolean copied = e.getName().matches("bin/busybox|srv/app/.+");
        if (copied && (with.keepsDatesOfFolders() || !e.isDirectory())) {
          content.put(e.getName(), facts(e, in.readAllBytes()));
        }
      }
    }
    return content;
  }

  private static String facts(TarArchiveEntry entry, byte[] bytes) {
    return "%o %d:%d %s %s %s"
        .formatted(
            entry.getMode() & 07777,
            entry.getLongUserId(),
            entry.getLongGroupId(),
            entry.getLastModifiedTime().toInstant(),
            entry.getLinkName(),
            Digest.of(bytes));
  }
}
