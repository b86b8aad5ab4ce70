package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.api.DockerAddress;
import dev.s3dock.engine.docker.api.DockerErrors;
import dev.s3dock.image.FailureWords;
import dev.s3dock.process.Program;
import dev.s3dock.process.Program.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * BuildKit, through the docker program and its buildx plugin.
 *
 * <p>Attestations are switched off: they hold the time and the machine of the build, and would make
 * two builds of one commit two images.
 */
public final class BuildxBuilder implements ImageBuilder {
  private static final Duration PROBE_DEADLINE = Duration.ofSeconds(20);
  private static final String[] OURS = {"PATH", "HOME", "DOCKER_", "BUILDX_", "BUILDKIT_", "LD_"};

  /** Where buildx keeps its builders and notes of builds. */
  private static final String STATE = "BUILDX_CONFIG";

  private static final String SOURCE_DATE_EPOCH = "SOURCE_DATE_EPOCH";

  private final Path docker;
  private final Map<String, String> environment;

  private BuildxBuilder(Path docker, Map<String, String> environment) {
    this.docker = docker;
    this.environment = environment;
  }

  /** Empty if there is no docker program on the path, or it lacks the plugin. */
  public static Optional<ImageBuilder> find(
      Map<String, String> environment, DockerAddress address) {
    Map<String, String> own = new HashMap<>(environment);
    address.applyTo(own);
    return program(environment)
        .map(docker -> new BuildxBuilder(docker, own))
        .filter(BuildxBuilder::works)
        .map(found -> found);
  }

  private static Optional<Path> program(Map<String, String> environment) {
    for (String folder : environment.getOrDefault("PATH", "").split(":")) {
      Path docker = Path.of(folder.isEmpty() ? "." : folder, "docker");
      if (Files.isRegularFile(docker) && Files.isExecutable(docker)) {
        return Optional.of(docker.toAbsolutePath());
      }
    }
    return Optional.empty();
  }

  private boolean works() {
    List<String> command = List.of(docker.toString(), "buildx", "version");
    try {
      return child(command, Path.of(""), environment, PROBE_DEADLINE).run()
              instanceof Outcome.Ended ended
          && ended.succeeded();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void build(BuildRequest request, OutputStream output, ByteProgress sent) {
    String what = "cannot build " + request.reference();
    Map<String, String> variables = new HashMap<>(environment);
    Tail tail = new Tail(output);
    try (StagedContext state = StagedContext.empty(temporary());
        StagedContext context = StagedContext.of(request, temporary(), sent)) {
      if (!keepsState()) {
        variables.put(STATE, state.folder().toString());
      }
      List<String> command = command(request, context.folder(), variables);
      Program build = child(command, request.context(), variables, Program.UNLIMITED);
      switch (build.run(tail::read, tail::read)) {
        case Outcome.Ended it when it.succeeded() -> {}
        case Outcome.Ended it ->
            throw DockerErrors.ofMessage(Kind.BUILD_FAILED, what, tail.error(it.status()));
        case Outcome.NotStarted it -> throw it.reason();
        case Outcome.TimedOut it -> throw new IllegalStateException(it.describe());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(what + ": " + FailureWords.of(e), e));
    }
  }

  private static EngineException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new EngineException(Kind.FAILED, "interrupted while waiting for the build", cause);
  }

  private static Program child(
      List<String> command, Path folder, Map<String, String> variables, Duration deadline) {
    return new Program(
        command,
        Program.Environment.only(variables),
        Optional.of(folder.toAbsolutePath()),
        deadline);
  }

  /** Build arguments travel in the environment where they can: a command line is seen by all. */
  private List<String> command(
      BuildRequest request, Path context, Map<String, String> environmentOfArguments) {
    List<String> command = new ArrayList<>(List.of(docker.toString(), "buildx", "build"));
    command.addAll(List.of("--load", "--provenance=false", "--sbom=false", "--progress=plain"));
    command.addAll(List.of("--file", request.dockerfile().toAbsolutePath().toString()));
    command.addAll(List.of("--tag", request.reference()));
    request.platform().ifPresent(it -> command.addAll(List.of("--platform", it.toString())));
    request.target().ifPresent(it -> command.addAll(List.of("--target", it)));
    if (request.noCache()) {
      command.add("--no-cache");
    }
    request.labels().forEach((k, v) -> command.addAll(List.of("--label", k + "=" + v)));
    buildArgs(request)
        .forEach(
            (name, value) -> {
              boolean hidden = mayBeInEnvironment(name);
              if (hidden) {
                environmentOfArguments.put(name, value);
              }
              command.addAll(List.of("--build-arg", hidden ? name : name + "=" + value));
            });
    command.add(context.toString());
    return command;
  }

  /**
   * BuildKit gives the image and its history the time of {@code SOURCE_DATE_EPOCH}. Whoever sets it
   * decides; the docker program passes on what is in the environment.
   */
  private Map<String, String> buildArgs(BuildRequest request) {
    Map<String, String> arguments = new LinkedHashMap<>(request.buildArgs());
    if (!environment.containsKey(SOURCE_DATE_EPOCH)) {
      arguments.putIfAbsent(
          SOURCE_DATE_EPOCH, String.valueOf(request.dates().commit().getEpochSecond()));
    }
    return arguments;
  }

  /**
   * False where buildx cannot write what it notes of builds, and would fail: a home may be
   * read-only.
   */
  private boolean keepsState() {
    Path at = DockerAddress.configFolder(environment).resolve("buildx").toAbsolutePath();
    while (at.getParent() != null && !Files.exists(at)) {
      at = at.getParent();
    }
    return environment.containsKey(STATE) || (Files.isDirectory(at) && Files.isWritable(at));
  }

  private Path temporary() {
    String configured = environment.getOrDefault("TMPDIR", "");
    return Path.of(configured.isEmpty() ? System.getProperty("java.io.tmpdir") : configured);
  }

  private static boolean mayBeInEnvironment(String name) {
    for (String ours : OURS) {
      if (name.startsWith(ours)) {
        return false;
      }
    }
    return name.matches("[A-Za-z_][A-Za-z0-9_]*")
        && !name.toLowerCase(Locale.ROOT).endsWith("_proxy");
  }

  /** Passes lines on, and keeps the one that tells why a build failed. */
  private static final class Tail {
    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private String last = "";
    private String error = "";

    Tail(OutputStream out) {
      this.out = out;
    }

    /** Both pipes at the same time, line by line. */
    boolean read(InputStream pipe) throws IOException {
      try (var lines = new BufferedReader(new InputStreamReader(pipe, UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          accept(line);
        }
      }
      return false;
    }

    private void accept(String line) throws IOException {
      lock.lock();
      try {
        if (line.startsWith("ERROR: ") || line.startsWith("error: ")) {
          error = line.substring("ERROR: ".length());
        }
        last = line.isBlank() ? last : line;
        out.write((line + "\n").getBytes(UTF_8));
        out.flush();
      } finally {
        lock.unlock();
      }
    }

    String error(int status) {
      String text = error.isEmpty() ? last : error;
      return text.isEmpty() ? "docker buildx ended with status " + status : text;
    }
  }
}
