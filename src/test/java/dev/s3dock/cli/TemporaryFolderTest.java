package dev.s3dock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.engine.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All temporary files are where TMPDIR says: a process of its own, as a user starts it. */
class TemporaryFolderTest {
  @TempDir Path folder;

  private String run(List<String> command, Path tmpdir) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Path repository = Files.createDirectories(folder.resolve("repository"));
    ProcessBuilder builder = new ProcessBuilder(command).directory(repository.toFile());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("TMPDIR", tmpdir.toString());
    builder.environment().put("HOME", folder.toString());
    Process process = builder.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return Files.readString(output);
  }

  private String s3dock(Path tmpdir, String... args) throws IOException, InterruptedException {
    return s3dock(List.of(), tmpdir, args);
  }

  private String s3dock(List<String> before, Path tmpdir, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.s3dock.cli.Main"));
    command.addAll(List.of(args));
    return run(command, tmpdir);
  }

  @Test
  void the_index_of_a_build_is_there() throws Exception {
    Path tmp = Files.createDirectories(folder.resolve("tmp"));
    Path repository = Files.createDirectories(folder.resolve("repository"));
    Files.writeString(repository.resolve("Dockerfile"), "FROM scratch\n");
    run(
        List.of(
            "sh",
            "-c",
            "git init -q && git add Dockerfile && git -c user.name=t -c user.email=t@example.com"
                + " commit -q -m first"),
        tmp);
    String absent = s3dock(folder.resolve("absent"), "build", "my-app", "-l", "1");
    assertThat(absent)
        .contains("cannot make a temporary index", folder.resolve("absent") + "/", "set TMPDIR");
  }

  @Test
  void a_folder_for_temporary_files_that_is_not_there_is_named_once() {
    User user =
        new User(folder)
            .with("S3DOCK_BUCKET", folder.resolve("store").toUri().toString())
            .with("TMPDIR", folder.resolve("absent").toString());
    String reference = "my-app:20250721-2118-f7a5a27";
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), reference);
    User.Result push = user.s3dock("push", reference, "--from", image.toString());
    assertThat(push.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(push.err())
        .contains("s3dock: cannot create a temporary file in " + folder.resolve("absent"))
        .contains("set TMPDIR")
        .doesNotContain("cannot read or write");
  }

  @Test
  void a_folder_that_runs_no_program_is_told_before_it_matters() throws Exception {
    Path tmp = Files.createDirectories(folder.resolve("noexec"));
    List<String> noexec =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o noexec none '%s' && exec \"$@\"".formatted(tmp),
            "sh");
    Path repository = Files.createDirectories(folder.resolve("repository"));
    Files.writeString(repository.resolve("s3dock.json5"), "{ docker: { compression: 'zstd' } }");
    String reference = "my-app:20250721-2118-f7a5a27";
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), reference);
    String store = folder.resolve("store").toUri().toString();
    String push =
        s3dock(noexec, tmp, "push", reference, "--from", image.toString(), "--bucket", store);
    assertThat(push).contains("native library", "noexec", "set TMPDIR");
    assertThat(push.split("libzstd-jni", -1)).as("the file is named once: " + push).hasSize(2);
    String doctor = s3dock(noexec, tmp, "doctor", "--role", "reader", "--bucket", store);
    assertThat(doctor.lines())
        .anyMatch(line -> line.matches("failure\\s+compression\\s.*noexec.*TMPDIR.*"));
  }

  @Test
  void no_command_needs_to_write_at_home() throws Exception {
    Path tmp = Files.createDirectories(folder.resolve("tmp"));
    Path home = Files.createDirectories(folder.resolve("home-of-another-kind"));
    List<String> readOnly =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o ro none '%1$s' && HOME='%1$s' exec \"$@\"".formatted(home),
            "sh");
    String reference = "my-app:20250721-2118-f7a5a27";
    Path image = TestImages.dockerSave(folder.resolve("image.tar"), ImageSpec.small(), reference);
    String store = folder.resolve("store").toUri().toString();
    Path pulled = folder.resolve("pulled.tar.gz");
    for (String[] command :
        new String[][] {
          {"config", "init"},
          {"push", reference, "--from", image.toString()},
          {"promote", reference, "production"},
          {"pull", "my-app:production", "--to", pulled.toString()}
        }) {
      assertThat(s3dock(readOnly, tmp, with("--bucket", store, command)))
          .doesNotContain("Read-only", "s3dock: ");
    }
    assertThat(pulled).exists();
    Path there = home.resolve("x.tar.gz");
    assertThat(
            s3dock(
                readOnly,
                tmp,
                with("--bucket", store, "pull", "my-app:production", "--to", there.toString())))
        .contains("s3dock: " + there + ": cannot be written (Read-only file system)")
        .doesNotContain("resume");
  }

  private static String[] with(String option, String value, String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of(option, value));
    return words.toArray(String[]::new);
  }
}
