package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.Plain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextTarTest {
  @TempDir Path temp;
  private Path context;

  @BeforeEach
  void contextWithADockerfile() throws IOException {
    context = Files.createDirectory(temp.resolve("context"));
    write("Dockerfile", "FROM scratch\n");
  }

  @Test
  void what_is_sent_is_counted_up_to_the_size_of_the_files() throws IOException {
    Files.writeString(context.resolve("counted"), "x".repeat(200_000));
    List<Long> sent = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    try (ContextTar tar =
        new ContextTar(
            Plain.build(context, "a:1"),
            (bytes, total) -> {
              sent.add(bytes);
              totals.add(total);
            })) {
      tar.readAllBytes();
    }
    assertThat(sent).isSorted().hasSizeGreaterThan(2);
    assertThat(Set.copyOf(totals)).containsExactly(sent.getLast());
    assertThat(sent.getLast()).isGreaterThanOrEqualTo(200_000);
  }

  @Test
  void entries_come_sorted_and_folders_before_their_content() throws IOException {
    write("b/2", "");
    write("b/1", "");
    write("a", "");
    assertThat(entries())
        .extracting(TarArchiveEntry::getName)
        .containsExactly("Dockerfile", "a", "b/", "b/1", "b/2");
  }

  @Test
  void a_backslash_is_a_part_of_a_name() throws IOException {
    write("unit\\x2dname.slice", "");
    assertThat(entries())
        .extracting(TarArchiveEntry::getName)
        .containsExactly("Dockerfile", "unit\\x2dname.slice");
  }

  @Test
  void same_context_makes_the_same_bytes() throws IOException {
    write("a/" + "long/".repeat(40) + "ü", "content");
    assertThat(bytes()).isEqualTo(bytes());
  }

  @Test
  void owner_is_root_modes_are_the_two_of_git_and_links_are_kept() throws IOException {
    write("script", "x");
    Files.setPosixFilePermissions(
        context.resolve("script"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.setPosixFilePermissions(
        context.resolve("Dockerfile"), PosixFilePermissions.fromString("rw-rw----"));
    Files.createSymbolicLink(context.resolve("to-folder"), Path.of(".."));
    List<TarArchiveEntry> entries = entries();
    assertThat(entries)
        .allSatisfy(it -> assertThat(it.getLongUserId() + it.getLongGroupId()).isZero());
    assertThat(entries).extracting(TarArchiveEntry::getUserName).containsOnly("");
    assertThat(entries.get(0).getMode() & 07777).isEqualTo(0644);
    assertThat(entries.get(1).getMode() & 07777).isEqualTo(0755);
    assertThat(entries.get(2).isSymbolicLink()).isTrue();
    assertThat(entries.get(2).getLinkName()).isEqualTo("..");
    assertThat(entries).hasSize(3);
  }

  @Test
  void dates_are_the_given_ones_and_all_folders_have_the_same() throws IOException {
    write("a/old", "");
    write("a/b/new", "");
    write("a/made-by-a-tool", "");
    write("a/left-out", "");
    write("lib/file", "");
    write("made/file", "");
    write(".dockerignore", "**/left-out");
    Instant commit = Instant.parse("2025-09-01T00:00:00Z");
    Instant old = Instant.parse("2025-01-01T00:00:00Z");
    Instant recent = Instant.parse("2025-02-01T00:00:00Z");
    Instant later = Instant.parse("2025-03-01T00:00:00Z");
    SourceDates dates =
        new SourceDates(
            commit, Map.of("a/old", old, "a/b/new", recent, "a/left-out", later, "lib", old));
    Map<String, Instant> sent = new HashMap<>();
    BuildRequest plain = Plain.build(context, "a:1");
    for (TarArchiveEntry entry :
        entries(
            new BuildRequest(
                context,
                plain.dockerfile(),
                "a:1",
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                false,
                Map.of(),
                ContextSelection.WORK_TREE,
                dates))) {
      sent.put(entry.getName(), entry.getLastModifiedTime().toInstant());
    }
    assertThat(sent)
        .containsOnly(
            entry("Dockerfile", commit),
            entry(".dockerignore", commit),
            entry("a/", SourceDates.FOLDERS),
            entry("a/old", old),
            entry("a/made-by-a-tool", commit),
            entry("a/b/", SourceDates.FOLDERS),
            entry("a/b/new", recent),
            entry("lib/", SourceDates.FOLDERS),
            entry("lib/file", old),
            entry("made/", SourceDates.FOLDERS),
            entry("made/file", commit));
  }

  @Test
  void a_pattern_that_includes_nothing_is_known() throws IOException {
    write("target/app.jar", "");
    write("left/out.jar", "");
    write(".dockerignore", "left\n");
    BuildRequest plain = Plain.build(context, "a:1");
    ContextSelection selection =
        ContextSelection.of(
            Map.of("Dockerfile", false),
            List.of("target/*.jar", "left/*.jar", "dist", "Dockerfile"));
    assertThat(selection.unmatched()).as("nobody has asked yet").isEmpty();
    entries(
        new BuildRequest(
            context,
            plain.dockerfile(),
            "a:1",
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            false,
            Map.of(),
            selection,
            plain.dates()));
    assertThat(selection.unmatched()).containsExactly("left/*.jar", "dist");
  }

  @Test
  void the_excluded_folder_of_a_file_that_is_taken_in_is_sent_too() throws IOException {
    write("kept/in/file", "");
    write("kept/out", "");
    write(".dockerignore", "kept\n!kept/in/file\n");
    assertThat(entries())
        .extracting(TarArchiveEntry::getName)
        .containsExactly(".dockerignore", "Dockerfile", "kept/", "kept/in/", "kept/in/file");
  }

  @Test
  void excluded_files_stay_but_dockerfile_and_ignore_file_go() throws IOException {
    write("secret/key", "");
    write("kept", "");
    write(".dockerignore", "secret\nDockerfile\n.dockerignore\n");
    assertThat(entries())
        .extracting(TarArchiveEntry::getName)
        .containsExactly(".dockerignore", "Dockerfile", "kept");
  }

  @Test
  void foreign_dockerfile_travels_under_a_hidden_name_that_is_ignored() throws IOException {
    Path foreign = Files.writeString(temp.resolve("Elsewhere"), "FROM scratch\n# foreign\n");
    write(".dockerignore", "*.log");
    var request =
        new BuildRequest(
            context,
            foreign,
            "a:1",
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            false,
            Map.of(),
            ContextSelection.WORK_TREE,
            SourceDates.of(Instant.EPOCH));
    List<String> names = new ArrayList<>();
    List<String> contents = new ArrayList<>();
    try (var tar = new TarArchiveInputStream(new ContextTar(request, ByteProgress.NONE))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        names.add(entry.getName());
        contents.add(new String(tar.readAllBytes(), UTF_8));
      }
    }
    assertThat(names).containsExactly("Dockerfile", ".dockerignore", ".s3dock.dockerfile");
    assertThat(contents.get(1)).isEqualTo("*.log\n.s3dock.dockerfile\n");
    assertThat(contents.get(2)).contains("# foreign");
  }

  @Test
  void socket_is_refused_by_name_unless_excluded() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(context.resolve("live.sock")));
      assertThatThrownBy(this::entries)
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("live.sock");
      write(".dockerignore", "*.sock");
      assertThat(entries()).hasSize(2);
    }
  }

  @Test
  void file_of_many_buffers_arrives_whole() throws IOException {
    byte[] content = Noise.of(7, 1_000_003);
    Files.write(context.resolve("big"), content);
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(bytes()))) {
      tar.getNextEntry();
      assertThat(tar.getNextEntry().getName()).isEqualTo("big");
      assertThat(tar.readAllBytes()).isEqualTo(content);
    }
  }

  private byte[] bytes() throws IOException {
    try (ContextTar tar = new ContextTar(Plain.build(context, "a:1"), ByteProgress.NONE)) {
      return tar.readAllBytes();
    }
  }

  private List<TarArchiveEntry> entries() throws IOException {
    return entries(Plain.build(context, "a:1"));
  }

  private static List<TarArchiveEntry> entries(BuildRequest request) throws IOException {
    List<TarArchiveEntry> entries = new ArrayList<>();
    try (var tar = new TarArchiveInputStream(new ContextTar(request, ByteProgress.NONE))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private void write(String path, String content) throws IOException {
    Path file = context.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
