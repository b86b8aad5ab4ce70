package dev.s3dock.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.api.DockerApi;
import dev.s3dock.engine.docker.api.DockerErrors;
import dev.s3dock.engine.docker.api.Query;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** The containers of an engine that speaks Docker's API. */
final class DockerContainers implements Containers {
  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int DONE = 204;
  private static final int UNCHANGED = 304;
  private static final int ABSENT = 404;
  private static final int CONFLICT = 409;

  private static final int MOST_OF_A_LOG = 1 << 20;
  private static final Duration KILL = Duration.ofSeconds(20); // moby waits 10 s for a killed one
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Set<String> BUILT_IN_NETWORKS = Set.of("bridge", "default", "host", "none");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final DockerApi api;

  DockerContainers(DockerApi api) {
    this.api = api;
  }

  @Override
  public String create(ContainerSpec spec) {
    String what = "cannot create the container " + spec.name();
    RestartPolicy restart = RestartPolicy.parse(spec.options().restart());
    Variables.check(spec.options().env(), what);
    spec.options().networks().forEach(network -> requireNetwork(network, what));
    DockerApi.Answer answer =
        api.call(
            "POST",
            new Query("/containers/create").with("name", spec.name()).toString(),
            ContainerBody.of(spec, restart));
    if (answer.status() != CREATED) {
      throw ContainerFailures.notCreated(answer, spec, what);
    }
    String id = answer.json().path("Id").asText();
    try {
      spec.options().networks().stream().skip(1).forEach(network -> connect(id, network, what));
    } catch (EngineException e) {
      removeAfter(e, id);
      throw e;
    }
    return id;
  }

  /** The engine itself would find out at the start. */
  private void requireNetwork(String network, String what) {
    if (BUILT_IN_NETWORKS.contains(network) || network.startsWith("container:")) {
      return;
    }
    DockerApi.Answer answer = api.get(Query.path("/networks/", network, ""));
    if (answer.status() == ABSENT) {
      throw new EngineException(
          Kind.FAILED,
          "%s: the engine has no network %s: make it with `docker network create %s`, or see `docker network ls`"
              .formatted(what, network, network));
    }
    if (answer.status() != OK) {
      throw api.failed(answer, what);
    }
  }

  private void connect(String id, String network, String what) {
    DockerApi.Answer answer =
        api.call(
            "POST",
            Query.path("/networks/", network, "/connect"),
            JSON.objectNode().put("Container", id));
    if (answer.status() != OK) {
      throw api.failed(answer, what + ": it cannot be connected to the network " + network);
    }
  }

  private void removeAfter(EngineException failure, String id) {
    try {
      remove(id);
    } catch (EngineException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void start(String id) {
    JsonNode container = described(id).orElseThrow(() -> ContainerFailures.absent(id));
    restart(container, policy(container));
    DockerApi.Answer answer = api.call("POST", path(id, "/start"), null, KILL);
    if (answer.status() != DONE && answer.status() != UNCHANGED) {
      throw notStarted(id, answer);
    }
  }

  /** The engine must not go on to try by itself. */
  private EngineException notStarted(String id, DockerApi.Answer answer) {
    JsonNode container = described(id).orElseThrow(() -> ContainerFailures.absent(id));
    EngineException failure = ContainerFailures.notStarted(answer, ContainerJson.read(container));
    try {
      restart(container, policy(container).map(_ -> RestartPolicy.NO));
    } catch (EngineException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** Only for containers that were created here: of others, the policy is somebody else's. */
  private static Optional<RestartPolicy> policy(JsonNode container) {
    return Optional.ofNullable(ContainerJson.labels(container).get(RestartPolicy.LABEL))
        .map(RestartPolicy::parse);
  }

  private void restart(JsonNode container, Optional<RestartPolicy> wanted) {
    RestartPolicy is = RestartPolicy.of(container.path("HostConfig"));
    if (wanted.isEmpty() || wanted.get().equals(is)) {
      return;
    }
    ObjectNode update = JSON.objectNode();
    update.set("RestartPolicy", wanted.get().json());
    DockerApi.Answer answer =
        api.call("POST", path(container.path("Id").asText(), "/update"), update);
    if (answer.status() != OK && answer.status() != ABSENT) {
      throw api.failed(
          answer,
          "cannot set the restart policy of the container " + ContainerJson.name(container));
    }
  }

  @Override
  public void stop(String id, Duration grace) {
    long seconds = grace.plusNanos(999_999_999).toSeconds();
    String path = new Query(path(id, "/stop")).with("t", Long.toString(seconds)).toString();
    DockerApi.Answer answer = api.call("POST", path, null, Duration.ofSeconds(seconds).plus(KILL));
    if (answer.status() != DONE && answer.status() != UNCHANGED && answer.status() != ABSENT) {
      throw api.failed(answer, "cannot stop the container " + named(id));
    }
    described(id)
        .ifPresent(container -> restart(container, policy(container).map(_ -> RestartPolicy.NO)));
  }

  @Override
  public void rename(String id, String name) {
    String path = new Query(path(id, "/rename")).with("name", name).toString();
    DockerApi.Answer answer = api.call("POST", path);
    if (answer.status() == ABSENT) {
      throw ContainerFailures.absent(id);
    }
    if (answer.status() != DONE) {
      throw api.failed(answer, "cannot rename the container %s to %s".formatted(named(id), name));
    }
  }

  @Override
  public void remove(String id) {
    String path = new Query(path(id, "")).with("force", "1").with("v", "1").toString();
    DockerApi.Answer answer = api.call("DELETE", path, null, KILL);
    if (answer.status() == CONFLICT && answer.message().contains("already in progress")) {
      awaitAbsence(id);
    } else if (answer.status() != DONE && answer.status() != ABSENT) {
      throw api.failed(answer, "cannot remove the container " + named(id));
    }
  }

  private void awaitAbsence(String id) {
    long deadline = System.nanoTime() + KILL.toNanos();
    while (described(id).isPresent()) {
      if (System.nanoTime() > deadline) {
        throw new EngineException(
            Kind.FAILED,
            "the engine is removing the container %s, but does not finish: see the engine's log"
                .formatted(id));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  @Override
  public Optional<Container> inspect(String idOrName) {
    return described(idOrName).map(ContainerJson::read);
  }

  private Optional<JsonNode> described(String idOrName) {
    DockerApi.Answer answer = api.get(path(idOrName, "/json"));
    if (answer.status() == ABSENT) {
      return Optional.empty();
    }
    return Optional.of(json(answer, "cannot inspect the container " + idOrName));
  }

  @Override
  public List<Container> list(Map<String, String> labels) {
    ObjectNode filters = JSON.objectNode();
    filters.set(
        "label",
        ContainerBody.array(
            labels.entrySet().stream().map(it -> it.getKey() + "=" + it.getValue()).toList()));
    String path =
        new Query("/containers/json")
            .with("all", "1")
            .with("filters", filters.toString())
            .toString();
    return json(api.get(path), "cannot list the containers")
        .valueStream()
        .flatMap(listed -> inspect(listed.path("Id").asText()).stream()) // it may have gone
        .sorted(Comparator.comparing(Container::created).reversed())
        .toList();
  }

  @Override
  public List<String> logs(String id, int most) {
    Optional<JsonNode> container = described(id);
    if (container.isEmpty()) {
      return List.of();
    }
    boolean terminal = container.get().path("Config").path("Tty").asBoolean();
    String path =
        new Query(path(id, "/logs"))
            .with("stdout", "1")
            .with("stderr", "1")
            .with("tail", Integer.toString(most))
            .toString();
    String what = "cannot read the log of the container " + ContainerJson.name(container.get());
    LastLines lines = new LastLines(most, MOST_OF_A_LOG);
    try {
      return api.follow(
              "GET",
              path,
              null,
              api.timeout(),
              what,
              body -> {
                OutputFrames.read(body, terminal, lines);
                return lines.lines();
              })
          .orElseThrow(() -> DockerErrors.noAnswer(api.timeout(), api.address()));
    } catch (EngineException e) {
      if (e.kind() == Kind.NOT_FOUND
          || String.valueOf(e.getMessage()).contains("does not support reading")) {
        return List.of();
      }
      throw e;
    }
  }

  @Override
  public Optional<Exit> exec(String id, List<String> command, Duration timeout) {
    ObjectNode request = JSON.objectNode().put("AttachStdout", true).put("AttachStderr", true);
    request.set("Cmd", ContainerBody.array(command));
    long deadline = System.nanoTime() + timeout.toNanos();
    DockerApi.Answer answer = api.call("POST", path(id, "/exec"), request);
    return switch (answer.status()) {
      case CREATED ->
          new RunningCommand(api, id, answer.json().path("Id").asText(), deadline).await();
      case ABSENT -> throw ContainerFailures.absent(id);
      case CONFLICT -> throw ContainerFailures.notRunning(named(id));
      default -> throw api.failed(answer, "cannot run a command in the container " + named(id));
    };
  }

  /** For a message: its name tells people more than its ID. */
  private String named(String id) {
    return described(id).map(ContainerJson::name).orElse(id);
  }

  private static String path(String container, String after) {
    return Query.path("/containers/", container, after);
  }

  private JsonNode json(DockerApi.Answer answer, String what) {
    if (answer.status() != OK) {
      throw api.failed(answer, what);
    }
    return answer.json();
  }
}
