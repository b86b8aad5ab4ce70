package dev.s3dock.engine.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ContextSelection;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.SourceDates;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What a build has to do, whichever builder does it. */
final class BuildContract {
  private static final String LONG = "a-folder-with-a-long-name/".repeat(6) + "file";

  private final DockerEngine engine;
  private final TestEngine docker;
  private final Path context;
  private final Path elsewhere;
  private final String name;
  private int kept;
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  BuildContract(DockerEngine engine, TestEngine docker, Path temp, String name) throws IOException {
    this.engine = engine;
    this.docker = docker;
    this.context = Files.createDirectories(temp.resolve("context"));
    this.elsewhere = Files.createDirectories(temp.resolve("elsewhere"));
    this.name = name;
    Files.copy(Engines.busybox(), context.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
  }

  void verify() throws IOException {
    filesArriveAsTheyAre();
    dockerfileOutsideOfTheContextLeavesNoTrace();
    targetArgumentsAndLabelsAreUsed();
    noCacheRunsEveryStepAgain();
    failureIsToldInTheEnginesWords();
    missingDockerfileIsNamed();
  }

  private void filesArriveAsTheyAre() throws IOException {
    write("www/kept.txt", "kept");
    write("www/dropped.log", "dropped");
    write("www/taken.log", "taken in again");
    write("www/" + LONG, "long");
    write("www/smörgås.txt", "utf-8");
    write("www/script", "x");
    Files.setPosixFilePermissions(
        context.resolve("www/script"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createSymbolicLink(context.resolve("www/link"), Path.of("no/such/target"));
    write(".dockerignore", "# a comment\n**/*.log\n!www/taken.log\nDockerfile\n.dockerignore\n");
    write("Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\nCOPY . /all\n");
    build(request(context.resolve("Dockerfile")));
    assertThat(inContainer("find", "/all", "-type", "f").lines())
        .containsExactlyInAnyOrder(
            "/all/busybox",
            "/all/www/kept.txt",
            "/all/www/taken.log",
            "/all/www/" + LONG,
            "/all/www/smörgås.txt",
            "/all/www/script");
    assertThat(inContainer("cat", "/all/www/" + LONG)).isEqualTo("long");
    assertThat(inContainer("stat", "-c", "%a %u %g", "/all/www/script")).isEqualTo("755 0 0");
    assertThat(inContainer("stat", "-c", "%a %Y", "/all/www/kept.txt")).isEqualTo("644 0");
    assertThat(inContainer("readlink", "/all/www/link")).isEqualTo("no/such/target");
    assertThat(inContainer("stat", "-c", "%Y", "/all/www/link")).isEqualTo("0");
  }

  private void dockerfileOutsideOfTheContextLeavesNoTrace() throws IOException {
    Files.delete(context.resolve("Dockerfile"));
    Path dockerfile = elsewhere.resolve("Dockerfile.prod");
    Files.writeString(dockerfile, "FROM scratch\nCOPY busybox /bin/busybox\nCOPY . /all\n");
    build(request(dockerfile));
    assertThat(inContainer("find", "/all", "-maxdepth", "1", "-type", "f").lines())
        .containsExactly("/all/busybox");
    Files.delete(context.resolve(".dockerignore"));
    build(request(dockerfile));
    assertThat(inContainer("find", "/all", "-maxdepth", "1", "-type", "f").lines())
        .containsExactly("/all/busybox");
    Files.writeString(elsewhere.resolve("Dockerfile.prod.dockerignore"), "www\n");
    build(request(dockerfile));
    assertThat(inContainer("find", "/all").lines()).containsExactly("/all", "/all/busybox");
  }

  private void targetArgumentsAndLabelsAreUsed() throws IOException {
    write(
        "Dockerfile",
        """
        FROM scratch AS tools
        COPY busybox /bin/busybox
        ARG GREETING=nobody
        RUN ["/bin/busybox", "sh", "-c", "echo $GREETING > /greeting"]
        FROM scratch AS wanted
        COPY --from=tools /bin/busybox /bin/busybox
        COPY --from=tools /greeting /greeting
        FROM scratch AS unwanted
        COPY no-such-file /
        """);
    build(
        new BuildRequest(
            context,
            context.resolve("Dockerfile"),
            reference(),
            Optional.empty(),
            Map.of("GREETING", "hello you"),
            Optional.of("wanted"),
            false,
            Map.of("org.example.note", "a = \"b\""),
            ContextSelection.WORK_TREE,
            SourceDates.of(Instant.EPOCH)));
    assertThat(inContainer("cat", "/greeting")).isEqualTo("hello you");
    EngineImage image = engine.inspect(reference()).orElseThrow();
    assertThat(image.labels()).containsEntry("org.example.note", "a = \"b\"");
  }

  private void noCacheRunsEveryStepAgain() throws IOException {
    write(
        "Dockerfile",
        """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "sh", "-c", "cat /proc/sys/kernel/random/uuid > /once"]
        """
            .replace("cat /proc", "/bin/busybox cat /proc"));
    build(request(context.resolve("Dockerfile")));
    String first = inContainer("cat", "/once");
    build(request(context.resolve("Dockerfile")));
    assertThat(inContainer("cat", "/once")).isEqualTo(first);
    build(
        new BuildRequest(
            context,
            context.resolve("Dockerfile"),
            reference(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            true,
            Map.of(),
            ContextSelection.WORK_TREE,
            SourceDates.of(Instant.EPOCH)));
    assertThat(inContainer("cat", "/once")).isNotEqualTo(first);
  }

  private void failureIsToldInTheEnginesWords() throws IOException {
    write(
        "Dockerfile",
        """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "sh", "-c", "echo this is the reason; exit 42"]
        """);
    progress.reset();
    DockerEngineContract.fails(
        () -> engine.build(request(context.resolve("Dockerfile")), progress),
        Kind.BUILD_FAILED,
        "42");
    assertThat(progress.toString(UTF_8)).contains("this is the reason\n");
    write("Dockerfile", "FROM scratch\nCOPY no-such-file /\n");
    DockerEngineContract.fails(
        () -> engine.build(request(context.resolve("Dockerfile")), progress),
        Kind.BUILD_FAILED,
        "no-such-file");
    write("Dockerfile", "FORM scratch\n");
    DockerEngineContract.fails(
        () -> engine.build(request(context.resolve("Dockerfile")), progress),
        Kind.BUILD_FAILED,
        "FORM");
  }

  private void missingDockerfileIsNamed() {
    DockerEngineContract.fails(
        () -> engine.build(request(context.resolve("No.dockerfile")), progress),
        Kind.BUILD_FAILED,
        "No.dockerfile");
  }

  private BuildRequest request(Path dockerfile) {
    return new BuildRequest(
        context,
        dockerfile,
        reference(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false,
        Map.of(),
        ContextSelection.WORK_TREE,
        SourceDates.of(Instant.EPOCH));
  }

  private void build(BuildRequest request) {
    progress.reset();
    String id = engine.build(request, progress);
    assertThat(id).isEqualTo(engine.inspect(reference()).orElseThrow().id());
    kept++; // else Docker 26 may sweep layers of the former image while the next build counts on
    // them
    engine.tag(id, "built-by-" + name + ":kept-" + kept);
    assertThat(progress.toString(UTF_8)).contains("COPY busybox").endsWith("\n");
  }

  private String reference() {
    return "built-by-" + name + ":1";
  }

  /**
   * What a command prints. Of a container that ends at once, the engine loses that now and then.
   */
  private String inContainer(String... command) {
    String[] run = {"run", "--rm", "--network", "none", reference(), "/bin/busybox"};
    String[] all = Arrays.copyOf(run, run.length + command.length);
    System.arraycopy(command, 0, all, run.length, command.length);
    return Eventually.value(
        "the container prints something",
        () -> Optional.of(docker.docker(all)).filter(printed -> !printed.isEmpty()));
  }

  private void write(String path, String content) throws IOException {
    Path file = context.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
