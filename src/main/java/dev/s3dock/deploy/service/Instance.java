package dev.s3dock.deploy.service;

import static java.util.stream.Collectors.toList;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.ContainerSpec.Publication;
import dev.s3dock.image.ImageReference;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The containers that one deployment made, and what their labels say: one, or as many as there are
 * replicas, which are alike.
 *
 * @param containers that are there, in the order of their numbers; at least one
 * @param replicas how many it was made of
 * @param deployment which deployment made it; no other instance of the service has it
 * @param settings fingerprint of the settings it was made with
 * @param port that its app listens on inside; 0 if it takes no traffic
 * @param network whose address takes the traffic; empty for the engine's default network
 */
public record Instance(
    List<Container> containers,
    int replicas,
    ImageReference image,
    Colour colour,
    String deployment,
    String settings,
    int port,
    String network) {
  private static final String PREFIX = "dev.s3dock.";
  private static final String APP = PREFIX + "app";
  private static final String ENVIRONMENT = PREFIX + "environment";
  private static final String IMAGE = PREFIX + "image";
  private static final String COLOUR = PREFIX + "colour";
  private static final String DEPLOYMENT = PREFIX + "deployment";
  private static final String SETTINGS = PREFIX + "settings";
  private static final String PORT = PREFIX + "port";
  private static final String NETWORK = PREFIX + "network";

  /** How many there are; one alone has no such label, and no number in its name. */
  private static final String REPLICAS = PREFIX + "replicas";

  /** A time and a random number: so no name of somebody else is like it by chance. */
  private static final Pattern DEPLOYMENT_NAME = Pattern.compile("\\d{8}-\\d{6}-[0-9a-f]{4}");

  /** The end of the name of one of several, before it is a candidate's. */
  private static final Pattern NUMBER = Pattern.compile("-([1-9]\\d?)");

  /** The end of the name of a container that has not been proven yet. */
  private static final String CANDIDATE = "-candidate";

  public Instance {
    containers = List.copyOf(containers);
  }

  /** Labels that all containers of a service have. */
  public static Map<String, String> labelsOf(Service service) {
    return Map.of(APP, service.app().value(), ENVIRONMENT, service.environment().value());
  }

  /** All labels that the new containers of a deployment share. */
  public static Map<String, String> labels(
      Service service,
      ImageReference image,
      Colour colour,
      String deployment,
      String settings,
      int port,
      String network) {
    Map<String, String> labels = new LinkedHashMap<>(labelsOf(service));
    labels.put(IMAGE, image.toString());
    labels.put(COLOUR, colour.toString());
    labels.put(DEPLOYMENT, deployment);
    labels.put(SETTINGS, settings);
    labels.put(PORT, Integer.toString(port));
    labels.put(NETWORK, network);
    return labels;
  }

  /** The label that says how many there are; none for one alone. */
  public static Map<String, String> labels(int replicas) {
    return replicas == 1 ? Map.of() : Map.of(REPLICAS, Integer.toString(replicas));
  }

  /**
   * The name of a new container until it is proven.
   *
   * @param replica from 1
   */
  public static String candidateName(
      Service service, String deployment, int replica, int replicas) {
    return "%s-%s-%s%s%s"
        .formatted(
            service.app(),
            service.environment(),
            deployment,
            replicas == 1 ? "" : "-" + replica,
            CANDIDATE);
  }

  /** The name that says that a container is proven. */
  public static String provenName(Container container) {
    return container.name().endsWith(CANDIDATE)
        ? container.name().substring(0, container.name().length() - CANDIDATE.length())
        : container.name();
  }

  /**
   * Those that deployments have made, the newest first. Labels alone do not tell: they may be those
   * of an image, which whoever publishes it chooses, and {@code docker commit} copies them. So a
   * container must have the name that goes with them, too, which neither an image nor a bucket can
   * give.
   */
  public static List<Instance> of(List<Container> containers) {
    return containers.stream()
        .filter(Instance::isOurs)
        .sorted(Comparator.comparingInt(Instance::numberOf))
        .collect(Collectors.groupingBy(Instance::deploymentOf, LinkedHashMap::new, toList()))
        .values()
        .stream()
        .flatMap(group -> parse(group).stream())
        .sorted(Comparator.comparing(Instance::created, Comparator.reverseOrder()))
        .toList();
  }

  private static Optional<Instance> parse(List<Container> group) {
    Map<String, String> labels = group.getFirst().labels();
    String count = numberOf(group.getFirst()) == 0 ? "1" : labels.getOrDefault(REPLICAS, "");
    try {
      return Optional.of(
          new Instance(
              group,
              Integer.parseInt(count),
              ImageReference.parse(labels.getOrDefault(IMAGE, "")),
              Colour.valueOf(labels.getOrDefault(COLOUR, "").toUpperCase(Locale.ROOT)),
              labels.getOrDefault(DEPLOYMENT, ""),
              labels.getOrDefault(SETTINGS, ""),
              Integer.parseInt(labels.getOrDefault(PORT, "")),
              labels.getOrDefault(NETWORK, "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean isOurs(Container container) {
    return DEPLOYMENT_NAME.matcher(deploymentOf(container)).matches() && numberOf(container) >= 0;
  }

  /** The number in its name; 0 without one, and below that if the name is not one of ours. */
  private static int numberOf(Container container) {
    Map<String, String> labels = container.labels();
    String ours =
        "%s-%s-%s"
            .formatted(
                labels.getOrDefault(APP, ""),
                labels.getOrDefault(ENVIRONMENT, ""),
                deploymentOf(container));
    String name = provenName(container);
    if (name.equals(ours)) {
      return 0;
    }
    Matcher number = NUMBER.matcher(name.substring(Math.min(ours.length(), name.length())));
    return name.startsWith(ours) && number.matches() ? Integer.parseInt(number.group(1)) : -1;
  }

  private static String deploymentOf(Container container) {
    return container.labels().getOrDefault(DEPLOYMENT, "");
  }

  /** The same, whose programs have ended if the engine has started them again by itself. */
  public Instance asStarted() {
    return with(containers.stream().map(Container::asStarted).toList(), replicas);
  }

  /**
   * The same as it is now.
   *
   * @param inspect looks at one container by its ID
   */
  public Instance again(Function<String, Optional<Container>> inspect) {
    List<Container> now =
        containers.stream()
            .flatMap(container -> inspect.apply(container.id()).stream())
            .filter(Instance::isOurs)
            .toList();
    return now.isEmpty() ? this : with(now, replicas);
  }

  /**
   * Some of its containers, as an instance of their own.
   *
   * @param some of these containers, as they are now; at least one
   */
  public Instance part(List<Container> some) {
    return with(some, some.size());
  }

  /** Those of its containers that take requests at the servers of this. */
  public List<Container> at(Backend backend) {
    return containers.stream()
        .filter(it -> server(it).filter(backend.servers()::contains).isPresent())
        .toList();
  }

  /** True if it was made of several containers, or is a part of such a one. */
  public boolean isOneOfSeveral() {
    return numberOf(containers.getFirst()) > 0;
  }

  /** What is left of it where some of its containers have died: those that run, if any does. */
  public Instance remaining() {
    List<Container> running = containers.stream().filter(Container::isRunning).toList();
    return running.isEmpty() ? this : with(running, running.size());
  }

  private Instance with(List<Container> others, int count) {
    return new Instance(others, count, image, colour, deployment, settings, port, network);
  }

  /** True if it is the same one, seen at another time. */
  public boolean isSame(Instance other) {
    return deployment.equals(other.deployment);
  }

  /** The IDs of its containers. */
  public List<String> ids() {
    return containers.stream().map(Container::id).toList();
  }

  /** When its first container was created. */
  public Instant created() {
    return containers.getFirst().created();
  }

  /** The names of its containers. */
  public List<String> names() {
    return containers.stream().map(Container::name).toList();
  }

  /** The same, for a message. */
  public String name() {
    return String.join(", ", names());
  }

  /** True until its deployment has proven all of it. */
  public boolean isCandidate() {
    return containers.stream().anyMatch(container -> container.name().endsWith(CANDIDATE));
  }

  /** True if a container of it runs. */
  public boolean isRunning() {
    return containers.stream().anyMatch(Container::isRunning);
  }

  /** True if this is so for all containers that it was made of. */
  public boolean isWhole(Predicate<Container> so) {
    return containers.size() == replicas && containers.stream().allMatch(so);
  }

  /**
   * Where it takes requests; empty if no container has an address, as one that does not run. Of one
   * that takes none, what stands for it.
   */
  public Optional<Backend> backend() {
    List<Server> servers =
        containers.stream().flatMap(container -> server(container).stream()).distinct().toList();
    return servers.isEmpty() ? Optional.empty() : Optional.of(new Backend(colour, servers));
  }

  /** Where one of its containers takes requests. */
  public Optional<Server> server(Container container) {
    if (port == 0) {
      return Optional.of(Server.ofWorker(container.id()));
    }
    Optional<Publication> published =
        container.published().stream().filter(p -> p.containerPort() == port).findFirst();
    if (published.isPresent()) {
      return Optional.of(new Server(published.get().hostIp(), published.get().hostPort()));
    }
    Map<String, String> addresses = container.addresses();
    String address = addresses.get(network);
    if (address == null && network.isEmpty()) {
      address = addresses.values().stream().findFirst().orElse(null);
    }
    return Optional.ofNullable(address).map(host -> new Server(host, port));
  }

  @Override
  public String toString() {
    return containers.size() == 1
        ? "%s (%s, container %s)".formatted(image, colour, name())
        : "%s (%s, containers %s)".formatted(image, colour, name());
  }
}
