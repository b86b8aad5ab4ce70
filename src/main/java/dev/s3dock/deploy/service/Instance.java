package dev.s3dock.deploy.service;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.ContainerSpec.Publication;
import dev.s3dock.image.ImageReference;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A container that a deployment made, and what its labels say.
 *
 * @param deployment which deployment made it
 * @param settings fingerprint of the settings it was made with
 * @param port that its app listens on inside; 0 if it takes no traffic
 * @param network whose address takes the traffic; empty for the engine's default network
 */
public record Instance(
    Container container,
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

  /** A time and a random number: so no name of somebody else is like it by chance. */
  private static final Pattern DEPLOYMENT_NAME = Pattern.compile("\\d{8}-\\d{6}-[0-9a-f]{4}");

  /** The end of the name of a container that has not been proven yet. */
  private static final String CANDIDATE = "-candidate";

  /** Labels that all containers of a service have. */
  public static Map<String, String> labelsOf(Service service) {
    return Map.of(APP, service.app().value(), ENVIRONMENT, service.environment().value());
  }

  /** All labels of a new container. */
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

  /** The name of a proven container. */
  public static String name(Service service, String deployment) {
    return "%s-%s-%s".formatted(service.app(), service.environment(), deployment);
  }

  /** Its name until it is proven. */
  public static String candidateName(Service service, String deployment) {
    return name(service, deployment) + CANDIDATE;
  }

  /**
   * Empty for a container that no deployment has made. Its labels alone do not tell: they may be
   * those of its image, which whoever publishes it chooses, and {@code docker commit} copies them.
   * So it must have the name that goes with them, too, which neither an image nor a bucket can
   * give.
   */
  public static Optional<Instance> of(Container container) {
    Map<String, String> labels = container.labels();
    if (!isNamedByUs(container.name(), labels)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Instance(
              container,
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

  private static boolean isNamedByUs(String name, Map<String, String> labels) {
    String deployment = labels.getOrDefault(DEPLOYMENT, "");
    String ours =
        "%s-%s-%s"
            .formatted(
                labels.getOrDefault(APP, ""), labels.getOrDefault(ENVIRONMENT, ""), deployment);
    return DEPLOYMENT_NAME.matcher(deployment).matches()
        && (name.equals(ours) || name.equals(ours + CANDIDATE));
  }

  /** The same, whose program has ended if the engine has started it again by itself. */
  public Instance asStarted() {
    return new Instance(container.asStarted(), image, colour, deployment, settings, port, network);
  }

  public String id() {
    return container.id();
  }

  /** True until its deployment has proven it. */
  public boolean isCandidate() {
    return container.name().endsWith(CANDIDATE);
  }

  public boolean isRunning() {
    return container.isRunning();
  }

  /**
   * Where it takes requests; empty if it has no address, as one that does not run. Of one that
   * takes none, what stands for it.
   */
  public Optional<Backend> backend() {
    if (port == 0) {
      return Optional.of(Backend.ofWorker(colour, container.id()));
    }
    Optional<Publication> published =
        container.published().stream().filter(p -> p.containerPort() == port).findFirst();
    if (published.isPresent()) {
      return Optional.of(new Backend(colour, published.get().hostIp(), published.get().hostPort()));
    }
    Map<String, String> addresses = container.addresses();
    String address = addresses.get(network);
    if (address == null && network.isEmpty()) {
      address = addresses.values().stream().findFirst().orElse(null);
    }
    return Optional.ofNullable(address).map(host -> new Backend(colour, host, port));
  }

  @Override
  public String toString() {
    return "%s (%s, container %s)".formatted(image, colour, container.name());
  }
}
