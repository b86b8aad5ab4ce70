package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.engine.docker.api.DockerAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the docker program is given and what its words become; the program is a script. */
class BuildxBuilderTest {
  @TempDir Path temp;
  private Path context;

  @BeforeEach
  void makeContext() throws IOException {
    context = Files.createDirectory(temp.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\n");
  }

  private Optional<ImageBuilder> find(String script) throws IOException {
    return find(script, temp.toString());
  }

  private Optional<ImageBuilder> find(String script, String home) throws IOException {
    Path docker = temp.resolve("docker");
    Files.writeString(docker, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(docker, PosixFilePermissions.fromString("rwxr-xr-x"));
    Map<String, String> environment =
        Map.of("PATH", temp + ":/usr/bin:/bin", "TMPDIR", temp.toString(), "HOME", home);
    return BuildxBuilder.find(environment, DockerAddress.find(Map.of()));
  }

  private BuildRequest request(Map<String, String> arguments) {
    return new BuildRequest(
        context,
        context.resolve("Dockerfile"),
        "demo:1",
        Optional.empty(),
        arguments,
        Optional.empty(),
        false,
        Map.of(),
        ContextSelection.WORK_TREE,
        SourceDates.of(Instant.EPOCH));
  }

  @Test
  void a_program_without_the_plugin_is_not_taken() throws IOException {
    assertThat(find("exit 1")).isEmpty();
  }

  @Test
  void values_of_arguments_are_in_the_environment_which_is_no_other_than_ours() throws IOException {
    ByteArrayOutputStream progress = new ByteArrayOutputStream();
    find("[ $2 = version ] && exit; echo \"args $*\"; echo \"TOKEN=$TOKEN HOME=$HOME\" >&2; cat")
        .orElseThrow()
        .build(request(Map.of("TOKEN", "hidden")), progress, ByteProgress.NONE);
    assertThat(progress.toString(UTF_8).lines())
        .anyMatch(line -> line.startsWith("args buildx build ") && !line.contains("hidden"))
        .contains("TOKEN=hidden HOME=" + temp)
        .hasSize(2);
  }

  @Test
  void where_the_home_cannot_be_written_buildx_gets_a_folder_of_its_own() throws IOException {
    String script = "[ $2 = version ] && exit; echo \"state $BUILDX_CONFIG\"; ls -d $BUILDX_CONFIG";
    ByteArrayOutputStream own = new ByteArrayOutputStream();
    find(script).orElseThrow().build(request(Map.of()), own, ByteProgress.NONE);
    assertThat(own.toString(UTF_8).lines()).contains("state ");
    ByteArrayOutputStream elsewhere = new ByteArrayOutputStream();
    find(script, "/dev/null/home")
        .orElseThrow()
        .build(request(Map.of()), elsewhere, ByteProgress.NONE);
    assertThat(elsewhere.toString(UTF_8).lines())
        .anyMatch(line -> line.startsWith("state " + temp))
        .anyMatch(line -> line.startsWith(temp + "/s3dock-"));
  }

  @Test
  void a_failure_is_told_in_the_words_of_the_program() throws IOException {
    ImageBuilder builder =
        find("[ $2 = version ] && exit; echo 'ERROR: no luck' >&2; echo later; exit 3")
            .orElseThrow();
    assertThatThrownBy(
            () ->
                builder.build(
                    request(Map.of()), OutputStream.nullOutputStream(), ByteProgress.NONE))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("cannot build demo:1")
        .hasMessageContaining("no luck");
  }

  @Test
  void progress_that_cannot_be_written_ends_the_build() throws IOException {
    ImageBuilder builder = find("[ $2 = version ] && exit; echo one; exec sleep 100").orElseThrow();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space");
          }
        };
    assertThatThrownBy(() -> builder.build(request(Map.of()), full, ByteProgress.NONE))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot build demo:1: no space");
  }
}
