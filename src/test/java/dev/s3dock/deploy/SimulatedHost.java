package dev.s3dock.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.Container.Health;
import dev.s3dock.engine.Container.State;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Publication;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A host whose containers and load balancer are a few fields, so that a deployment takes no time
 * and can be stopped dead at any call. Strict as the real ones are: names are unique, absent things
 * are refused, and a program can only be asked while it runs.
 */
final class SimulatedHost implements Containers, LoadBalancer {
  private final Map<String, Simulated> containers = new LinkedHashMap<>();
  private final Set<String> unfit;
  private List<Backend> serving = List.of();
  private Optional<Backend> spare = Optional.empty();
  private final List<String> changes = new ArrayList<>();
  private final Map<String, Integer> open = new LinkedHashMap<>();
  private final Set<String> broken = new HashSet<>();
  private final Set<String> unhealthy = new HashSet<>();
  private final List<String> cut = new ArrayList<>();
  private int calls;
  private int mostRunning;
  private long fewestServing = Long.MAX_VALUE;
  private int next = 1;
  private Runnable beforeEach = () -> {};
  private Runnable beforeStop = () -> {};
  private Instant now = Instant.parse("2025-08-02T07:30:00Z");

  /** The process is gone: nothing of it runs any more, no handler either. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed(int call) {
      super("killed at call " + call);
    }
  }

  private static final class Simulated {
    final String id;
    final ContainerSpec spec;
    final Instant created;
    String name;
    State state = State.CREATED;
    Optional<Instant> finished = Optional.empty();

    Simulated(String id, ContainerSpec spec, Instant created) {
      this.id = id;
      this.spec = spec;
      this.created = created;
      this.name = spec.name();
    }

    Container describe() {
      return new Container(
          id,
          name,
          spec.image(),
          imageId(spec.image()),
          spec.labels(),
          state,
          created,
          Optional.of(created),
          finished,
          0,
          false,
          0,
          Health.NONE,
          Map.of(),
          spec.publication().map(List::of).orElse(List.of()));
    }
  }

  /**
   * Creates a host.
   *
   * @param unfit images whose programs end at once
   */
  SimulatedHost(Set<String> unfit) {
    this.unfit = unfit;
  }

  static String imageId(String reference) {
    return "sha256:" + Digest.of(reference.getBytes(UTF_8)).hex();
  }

  /** Kills whoever makes the call of this number, counted from 1, before it has an effect. */
  void killAt(int call) {
    calls = 0;
    beforeEach =
        () -> {
          if (calls >= call) { // nor do the threads of that process go on
            throw new Killed(call);
          }
        };
  }

  /** How many calls there were since the last {@link #killAt}. */
  int calls() {
    return calls;
  }

  /** Looked at before each call, by whoever checks what must always hold. */
  void killNobody() {
    beforeEach = () -> {};
  }

  private void call() {
    calls++;
    fewestServing =
        Math.min(fewestServing, served().stream().filter(image -> !image.isEmpty()).count());
    beforeEach.run();
    now = now.plusSeconds(1);
  }

  /** The images of the servers that get traffic; empty text for one where nobody is. */
  List<String> served() {
    List<String> served = new ArrayList<>();
    serving.stream()
        .flatMap(backend -> backend.servers().stream())
        .forEach(
            server ->
                served.add(
                    containers.values().stream()
                        .filter(c -> c.state == State.RUNNING && isAt(c, server))
                        .map(c -> c.spec.image())
                        .findFirst()
                        .orElse("")));
    return served;
  }

  /** The image of the container that runs and has this port; empty text for none. */
  String imageAt(String address, int port) {
    Backend backend = new Backend(Colour.BLUE, address, port);
    return containers.values().stream()
        .filter(c -> c.state == State.RUNNING && isAt(c, backend))
        .map(c -> c.spec.image())
        .findFirst()
        .orElse("");
  }

  /** Done before a container is stopped. */
  void beforeStop(Runnable action) {
    beforeStop = action;
  }

  /** A request is open on the containers of this image until it was asked for so many times. */
  void open(String image, int looks) {
    open.put(image, looks);
  }

  /** The images of containers that were stopped while a request was open on them. */
  List<String> cut() {
    return List.copyOf(cut);
  }

  private void cut(Simulated container) {
    if (container.state == State.RUNNING && open.getOrDefault(container.spec.image(), 0) > 0) {
      cut.add(container.spec.image());
    }
  }

  /** Names and states of all containers, and who is live. */
  List<String> picture() {
    return containers.values().stream()
        .map(
            c ->
                "%s %s%s"
                    .formatted(
                        c.spec.image(),
                        c.state,
                        serving.stream().anyMatch(to -> isAt(c, to)) ? " live" : ""))
        .sorted()
        .toList();
  }

  List<String> names() {
    return containers.values().stream().map(c -> c.name).toList();
  }

  private static boolean isAt(Simulated container, Backend backend) {
    return backend.servers().stream().anyMatch(server -> isAt(container, server));
  }

  private static boolean isAt(Simulated container, Backend.Server server) {
    return container
        .spec
        .publication()
        .map(p -> p.hostPort() == server.port() && p.hostIp().equals(server.host()))
        .orElse(false);
  }

  private Simulated require(String id) {
    Simulated container = containers.get(id);
    if (container == null) {
      throw new EngineException(EngineException.Kind.NOT_FOUND, "no container " + id);
    }
    return container;
  }

  /** Calls that change something, in order. */
  List<String> changes() {
    return List.copyOf(changes);
  }

  /** Traffic goes to a place where s3dock has put nobody. */
  void serveFrom(Backend foreign) {
    serving = List.of(foreign);
  }

  /** The programs of all containers of this image end by themselves. */
  void end(String image) {
    end(image, Integer.MAX_VALUE);
  }

  /** The same for so many of them. */
  void end(String image, int most) {
    containers.values().stream()
        .filter(c -> c.spec.image().equals(image) && c.state == State.RUNNING)
        .limit(most)
        .forEach(
            c -> {
              c.state = State.EXITED;
              c.finished = Optional.of(now);
            });
  }

  /** A container of this image that does not run cannot be started any more. */
  void breakOneStopped(String image) {
    containers.values().stream()
        .filter(c -> c.spec.image().equals(image) && c.state != State.RUNNING)
        .findFirst()
        .ifPresent(c -> broken.add(c.id));
  }

  /** Containers of this image run on, and fail each check by a command. */
  synchronized void sicken(String image) {
    unhealthy.add(image);
  }

  // ---- Containers

  @Override
  public synchronized String create(ContainerSpec spec) {
    call();
    changes.add("create " + spec.image());
    requireFree(spec.name());
    String id = "c" + next++;
    containers.put(id, new Simulated(id, spec, now));
    return id;
  }

  private void requireFree(String name) {
    if (containers.values().stream().anyMatch(c -> c.name.equals(name))) {
      throw new EngineException(EngineException.Kind.FAILED, name + " is taken");
    }
  }

  @Override
  public synchronized void start(String id) {
    call();
    changes.add("start " + require(id).spec.image());
    Simulated container = require(id);
    if (container.spec.publication().filter(port -> isTaken(port, container)).isPresent()) {
      throw new EngineException(EngineException.Kind.FAILED, "port taken");
    }
    if (broken.contains(id)) {
      throw new EngineException(EngineException.Kind.FAILED, id + " is broken");
    }
    boolean fit = !unfit.contains(container.spec.image());
    container.state = fit ? State.RUNNING : State.EXITED;
    container.finished = fit ? Optional.empty() : Optional.of(now);
    mostRunning = Math.max(mostRunning, running().size());
  }

  private boolean isTaken(Publication port, Simulated by) {
    return containers.values().stream()
        .anyMatch(
            c ->
                c != by
                    && c.state == State.RUNNING
                    && c.spec.publication().orElseThrow().hostPort() == port.hostPort());
  }

  /** The images of the containers that run. */
  List<String> running() {
    return containers.values().stream()
        .filter(c -> c.state == State.RUNNING)
        .map(c -> c.spec.image())
        .toList();
  }

  /** The most that have run at the same time. */
  int mostRunning() {
    return mostRunning;
  }

  /** The fewest that got traffic and ran at the same time, since this was {@link #count}ed. */
  long fewestServing() {
    return fewestServing;
  }

  /** From now on the most and the fewest are looked for. */
  void count() {
    mostRunning = running().size();
    fewestServing = Long.MAX_VALUE;
  }

  @Override
  public synchronized void stop(String id, Duration grace) {
    call();
    changes.add("stop " + require(id).spec.image());
    beforeStop.run();
    Simulated container = require(id);
    if (spare.isPresent() && isAt(container, spare.get())) {
      throw new AssertionError(container.spec.image() + " is stopped while it stands by");
    }
    cut(container);
    if (container.state == State.RUNNING) {
      container.state = State.EXITED;
      container.finished = Optional.of(now);
    }
  }

  @Override
  public synchronized void rename(String id, String name) {
    call();
    changes.add("rename " + require(id).spec.image());
    requireFree(name);
    require(id).name = name;
  }

  @Override
  public synchronized void remove(String id) {
    call();
    changes.add("remove " + require(id).spec.image());
    cut(require(id));
    containers.remove(id);
  }

  @Override
  public synchronized Optional<Container> inspect(String idOrName) {
    call();
    return Optional.ofNullable(containers.get(idOrName)).map(Simulated::describe);
  }

  @Override
  public synchronized List<Container> list(Map<String, String> labels) {
    call();
    return containers.values().stream()
        .filter(c -> c.spec.labels().entrySet().containsAll(labels.entrySet()))
        .sorted(Comparator.comparing((Simulated c) -> c.created).reversed())
        .map(Simulated::describe)
        .toList();
  }

  @Override
  public synchronized List<String> logs(String id, int most) {
    call();
    return containers.containsKey(id) ? List.of("hello from " + id) : List.of();
  }

  @Override
  public synchronized Optional<Exit> exec(String id, List<String> command, Duration timeout) {
    call();
    Simulated container = require(id);
    if (container.state != State.RUNNING) {
      throw new EngineException(EngineException.Kind.FAILED, id + " does not run");
    }
    return Optional.of(new Exit(unhealthy.contains(container.spec.image()) ? 1 : 0, ""));
  }

  // ---- Traffic

  @Override
  public synchronized void check(int servers) {
    call();
  }

  @Override
  public synchronized List<Backend> serving() {
    call();
    return serving;
  }

  /**
   * Steps, between which both sides get traffic, as with real load balancers; and at first only one
   * of several servers.
   */
  @Override
  public synchronized void direct(Backend to, Optional<Backend> standsBy) {
    call();
    changes.add("direct to " + to.colour());
    boolean same = serving.size() == 1 && serving.getFirst().hasSameServersAs(to);
    if (to.servers().size() > 1 && !same) {
      bringIn(new Backend(to.colour(), List.of(to.servers().getFirst())));
      call();
    }
    if (!serving.isEmpty() && !same) {
      bringIn(to);
      call();
    }
    serving = List.of(to);
    spare = standsBy;
  }

  private void bringIn(Backend more) {
    Map<Colour, Set<Backend.Server>> sides = new EnumMap<>(Colour.class);
    Stream.concat(serving.stream(), Stream.of(more))
        .forEach(
            it ->
                sides
                    .computeIfAbsent(it.colour(), _ -> new LinkedHashSet<>())
                    .addAll(it.servers()));
    serving =
        sides.entrySet().stream()
            .map(it -> new Backend(it.getKey(), List.copyOf(it.getValue())))
            .toList();
  }

  @Override
  public synchronized void share(Backend next, Backend former) {
    call();
    changes.add(
        "share %s %d, %s %d"
            .formatted(
                next.colour(), next.servers().size(), former.colour(), former.servers().size()));
    bringIn(next);
    bringIn(former);
    call();
    serving = List.of(next, former);
    spare = Optional.of(former);
  }

  @Override
  public synchronized OptionalLong inFlight(Backend backend) {
    call();
    return OptionalLong.of(
        containers.values().stream()
            .filter(c -> c.state == State.RUNNING && isAt(c, backend))
            .mapToLong(c -> open.merge(c.spec.image(), -1, (now, less) -> Math.max(0, now + less)))
            .filter(left -> left >= 0)
            .sum());
  }

  @Override
  public synchronized void release(Backend former) {
    call();
    changes.add("release " + former.colour());
    if (spare.filter(former::sharesServerWith).isPresent()) {
      spare = Optional.empty();
    }
  }

  @Override
  public synchronized boolean identifies() {
    return false;
  }

  @Override
  public synchronized String describe() {
    return "simulated";
  }
}
