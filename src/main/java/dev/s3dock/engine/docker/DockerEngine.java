package dev.s3dock.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.s3dock.engine.BuildRequest;
import dev.s3dock.engine.ByteProgress;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.Engine;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.EngineImage;
import dev.s3dock.engine.EngineInfo;
import dev.s3dock.engine.EngineInfo.ImageStore;
import dev.s3dock.engine.EnginePush;
import dev.s3dock.engine.PullWatch;
import dev.s3dock.engine.docker.api.DockerAddress;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.DockerErrors;
import dev.s3dock.engine.docker.api.ProgressStream;
import dev.s3dock.engine.docker.api.Query;
import dev.s3dock.engine.docker.api.ResponseStream;
import dev.s3dock.engine.docker.build.BuildxBuilder;
import dev.s3dock.engine.docker.build.ClassicBuilder;
import dev.s3dock.engine.docker.build.ImageBuilder;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Platform;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An engine that speaks Docker's API, 1.41 (Docker 20.10) or later. */
public final class DockerEngine implements Engine {
  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int ABSENT = 404;

  private final DockerApi api;
  private final Map<String, String> environment;

  /** Which an engine keeps for as long as it runs. */
  private volatile @Nullable Platform platform;

  private DockerEngine(DockerApi api, Map<String, String> environment) {
    this.api = api;
    this.environment = environment;
  }

  /**
   * The engine that the docker program would use: that of {@code DOCKER_HOST} with {@code
   * DOCKER_TLS_VERIFY} and {@code DOCKER_CERT_PATH}, of {@code DOCKER_CONTEXT}, of the current
   * context in {@code DOCKER_CONFIG} or {@code ~/.docker}, or at the default socket.
   *
   * <p>Nothing is sent yet: the first call finds out whether the engine is there. Builds go through
   * BuildKit if {@code PATH} leads to a docker program with the buildx plugin, else to the engine's
   * own builder.
   *
   * @param environment as of {@link System#getenv()}
   * @param timeout for a connection, and for the answer to anything but an export, a load or a
   *     build, which take as long as they take once the engine has shown that it answers
   * @throws EngineException {@code UNAVAILABLE} if these settings cannot be used
   */
  public static DockerEngine connect(Map<String, String> environment, Duration timeout) {
    return new DockerEngine(
        new DockerApi(DockerAddress.find(environment), timeout), Map.copyOf(environment));
  }

  /** Where the engine is, as in {@code DOCKER_HOST}. */
  public String address() {
    return api.address().toString();
  }

  /** The containers of the same engine, over the same connection. */
  public Containers containers() {
    return new DockerContainers(api);
  }

  /** True if a build goes through BuildKit: there is a docker program with the buildx plugin. */
  public boolean buildsWithBuildKit() {
    return BuildxBuilder.find(environment, api.address()).isPresent();
  }

  @Override
  public boolean isLocal() {
    return address().startsWith("unix:") || address().startsWith("npipe:");
  }

  @Override
  public EngineInfo info() {
    api.ping();
    JsonNode version = json(api.get("/version"), "cannot ask the engine for its version");
    JsonNode info = json(api.get("/info"), "cannot ask the engine for its state");
    boolean containerd = false;
    for (JsonNode pair : info.path("DriverStatus")) {
      containerd |=
          pair.path(0).asText().equals("driver-type")
              && pair.path(1).asText().startsWith("io.containerd.snapshotter");
    }
    Platform told = new Platform(version.path("Os").asText(), version.path("Arch").asText(), "");
    platform = told;
    return new EngineInfo(
        version.path("Version").asText(),
        version.path("ApiVersion").asText(),
        told,
        containerd ? ImageStore.CONTAINERD : ImageStore.GRAPH_DRIVER,
        info.path("Driver").asText(),
        info.path("DockerRootDir").asText());
  }

  @Override
  public Optional<EngineImage> inspect(String reference) {
    DockerApi.Answer answer = api.get(Query.path("/images/", reference, "/json"));
    return answer.status() == ABSENT
        ? Optional.empty()
        : Optional.of(ImageJson.read(json(answer, "cannot inspect " + reference)));
  }

  @Override
  public InputStream export(String reference) {
    if (inspect(reference).isEmpty()) {
      throw absent(reference);
    }
    String path = new Query("/images/get").with("names", reference).toString();
    return new ResponseStream(api.open("GET", path, null, "cannot export " + reference));
  }

  @Override
  public boolean handsOutLayers() {
    return isLocal();
  }

  @Override
  public EnginePush push(String reference) {
    return DockerPush.begin(api, reference);
  }

  @Override
  public void pull(String reference, Platform wanted, PullWatch watch) {
    Platform known = platform;
    Platform own = known == null ? info().platform() : known;
    boolean same = own.os().equals(wanted.os()) && own.architecture().equals(wanted.architecture());
    DockerPull.run(api, reference, same ? Optional.empty() : Optional.of(wanted.toString()), watch);
  }

  @Override
  public long layerBytes(String reference) {
    long bytes = 0;
    for (JsonNode step : ofImage(reference, "/history")) {
      bytes += step.path("Size").asLong();
    }
    if (bytes == 0) { // an image may have no history
      bytes = ofImage(reference, "/json").path("Size").asLong();
    }
    return bytes > 0 ? bytes : -1;
  }

  /** Nothing where there is no answer. */
  private JsonNode ofImage(String reference, String what) {
    DockerApi.Answer answer = api.get(Query.path("/images/", reference, what));
    return answer.status() == OK ? answer.json() : MissingNode.getInstance();
  }

  @Override
  public void load(InputStream tar, ByteProgress progress) {
    String what = "the engine refused the archive";
    String path = "/images/load?quiet=" + (progress.equals(ByteProgress.NONE) ? "1" : "0");
    try {
      Optional<String> error =
          api.upload(
              path,
              tar,
              what,
              answer ->
                  ProgressStream.follow(
                      answer, OutputStream.nullOutputStream(), new LoadedLayers(progress)));
      if (error.isPresent()) {
        throw DockerErrors.ofMessage(Kind.LOAD_REFUSED, what, error.get());
      }
    } catch (EngineException e) {
      throw DockerErrors.as(Kind.LOAD_REFUSED, e);
    }
  }

  @Override
  public void tag(String imageId, String reference) {
    int colon = reference.lastIndexOf(':');
    boolean tagged = colon > reference.lastIndexOf('/');
    String path =
        new Query(Query.path("/images/", imageId, "/tag"))
            .with("repo", tagged ? reference.substring(0, colon) : reference)
            .with("tag", tagged ? reference.substring(colon + 1) : "latest")
            .toString();
    DockerApi.Answer answer = api.call("POST", path);
    if (answer.status() == ABSENT) {
      throw absent(imageId);
    }
    if (answer.status() != CREATED && answer.status() != OK) {
      throw api.failed(answer, "cannot tag %s as %s".formatted(imageId, reference));
    }
  }

  @Override
  public void removeTag(String reference) {
    DockerApi.Answer answer = api.call("DELETE", Query.path("/images/", reference, ""));
    if (answer.status() != OK && answer.status() != ABSENT) {
      throw api.failed(answer, "cannot remove " + reference);
    }
  }

  @Override
  public List<EngineImage> images(AppName app) {
    Set<String> ids = new TreeSet<>();
    for (JsonNode image : listed(app + ":*")) {
      if (isNamed(image, tag -> tag.startsWith(app + ":"))) {
        ids.add(image.path("Id").asText());
      }
    }
    return inspected(ids);
  }

  @Override
  public List<EngineImage> images(AppName first, int most) {
    List<JsonNode> all = new ArrayList<>();
    json(api.get("/images/json"), "cannot list the images").forEach(all::add);
    all.sort(
        Comparator.comparing((JsonNode image) -> !isNamed(image, t -> t.startsWith(first + ":")))
            .thenComparingLong(image -> -image.path("Created").asLong()));
    return inspected(
        all.stream().map(image -> image.path("Id").asText()).distinct().limit(most).toList());
  }

  @Override
  public Set<String> references() {
    Set<String> references = new TreeSet<>();
    for (JsonNode image : json(api.get("/images/json"), "cannot list the images")) {
      references.addAll(references(image));
    }
    return references;
  }

  @Override
  public Set<String> references(String reference) {
    return references(ofImage(reference, "/json"));
  }

  private static Set<String> references(JsonNode image) {
    Set<String> references = new TreeSet<>();
    image.path("RepoTags").forEach(tag -> references.add(tag.asText()));
    image.path("RepoDigests").forEach(name -> references.add(name.asText()));
    return references;
  }

  /** Several at once; one may have gone by now, and one may be of a tool with rules of its own. */
  private List<EngineImage> inspected(Collection<String> ids) {
    return ids.parallelStream().flatMap(id -> inspectedIfUsable(id).stream()).toList();
  }

  private Optional<EngineImage> inspectedIfUsable(String id) {
    try {
      return inspect(id);
    } catch (EngineException e) {
      if (e.kind() == Kind.FAILED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** An engine with the containerd store leaves an image out of the list if it lacks content. */
  @Override
  public boolean isWhole(String reference) {
    for (JsonNode image : listed(reference)) {
      if (isNamed(image, reference::equals)) {
        return true;
      }
    }
    return false;
  }

  private JsonNode listed(String pattern) {
    String filter = "{\"reference\":[\"%s\"]}".formatted(pattern);
    String path = new Query("/images/json").with("filters", filter).toString();
    return json(api.get(path), "cannot list the images " + pattern);
  }

  private static boolean isNamed(JsonNode image, Predicate<String> name) {
    for (JsonNode tag : image.path("RepoTags")) {
      if (name.test(tag.asText())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Set<String> imageIdsInUse() {
    Set<String> ids = new TreeSet<>();
    for (JsonNode container :
        json(api.get("/containers/json?all=1"), "cannot list the containers")) {
      ids.add(container.path("ImageID").asText());
    }
    return Set.copyOf(ids);
  }

  @Override
  public String build(BuildRequest request, OutputStream output, ByteProgress sent) {
    check(request);
    api.ping();
    Optional<ImageBuilder> buildKit = BuildxBuilder.find(environment, api.address());
    buildKit.orElseGet(() -> new ClassicBuilder(api, environment)).build(request, output, sent);
    EngineImage built = built(request);
    if (buildKit.isEmpty() && isOfAnotherPlatform(built, request)) {
      new ClassicBuilder(api, environment).build(request.withoutCache(), output, sent);
      built = built(request);
    }
    return built.id();
  }

  /**
   * The classic builder's cache offers a {@code FROM scratch} image's layers to every platform: an
   * earlier build for another one then silently decides what this one is for (seen with 20.10).
   */
  private boolean isOfAnotherPlatform(EngineImage built, BuildRequest request) {
    return request.platform().isEmpty()
        && !request.noCache()
        && !built.platform().architecture().equals(info().platform().architecture());
  }

  private EngineImage built(BuildRequest request) {
    return inspect(request.reference()).orElseThrow(() -> absent(request.reference()));
  }

  private static void check(BuildRequest request) {
    if (!Files.isDirectory(request.context())) {
      throw new EngineException(
          Kind.BUILD_FAILED,
          "there is no folder %s to build from: name it with --context"
              .formatted(request.context()));
    }
    if (!Files.isRegularFile(request.dockerfile())) {
      throw new EngineException(
          Kind.BUILD_FAILED,
          "there is no Dockerfile at %s: name it with --dockerfile"
              .formatted(request.dockerfile()));
    }
  }

  private JsonNode json(DockerApi.Answer answer, String what) {
    if (answer.status() != OK) {
      throw api.failed(answer, what);
    }
    return answer.json();
  }

  private static EngineException absent(String reference) {
    return new EngineException(
        Kind.NOT_FOUND,
        "the engine has no image %s: build or pull it first, or see `docker images`"
            .formatted(reference));
  }

  @Override
  public void close() {
    api.close();
  }
}
