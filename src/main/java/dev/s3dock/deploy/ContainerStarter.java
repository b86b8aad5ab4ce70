package dev.s3dock.deploy;

import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.service.DeployException;
import dev.s3dock.deploy.service.DeploySettings;
import dev.s3dock.deploy.service.Instance;
import dev.s3dock.deploy.service.Service;
import dev.s3dock.engine.Container;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Publication;
import dev.s3dock.engine.Containers;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.ImageReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Makes the containers of a new deployment, and starts them. */
final class ContainerStarter {
  /** Below the ports that Linux gives to outgoing connections (32768 and up, by default). */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 10_000;
  private static final int TRIES = 5;

  private final Service service;
  private final DeploySettings settings;
  private final Containers containers;

  ContainerStarter(Service service, DeploySettings settings, Containers containers) {
    this.service = service;
    this.settings = settings;
    this.containers = containers;
  }

  /**
   * Starts a candidate. If a container of it cannot be started, all are removed.
   *
   * @throws DeployException {@code FAILED} with the engine's words
   */
  Instance start(ImageReference image, Colour colour, String deployment) {
    List<Container> started = new ArrayList<>();
    try {
      for (int replica = 1; replica <= settings.replicas(); replica++) {
        started.add(start(image, colour, deployment, replica));
      }
    } catch (RuntimeException e) {
      started.forEach(container -> remove(container, e));
      throw e;
    }
    return Instance.of(started).getFirst();
  }

  /** What is left, the next deployment removes. */
  private void remove(Container container, RuntimeException reason) {
    try {
      containers.remove(container.id());
    } catch (EngineException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Starts one container of a candidate.
   *
   * @param replica from 1
   */
  Container start(ImageReference image, Colour colour, String deployment, int replica) {
    for (int attempt = 1; ; attempt++) {
      Optional<Publication> publication = settings.publish().map(ip -> publication(ip));
      String id = containers.create(spec(image, colour, deployment, replica, publication));
      try {
        containers.start(id);
        return running(id);
      } catch (EngineException e) {
        containers.remove(id);
        boolean portTaken = publication.isPresent() && !isFree(publication.get());
        if (e.kind() != EngineException.Kind.FAILED) {
          throw e;
        }
        if (!portTaken || attempt == TRIES) {
          throw new DeployException(DeployException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
      }
    }
  }

  private Container running(String id) {
    return containers
        .inspect(id)
        .orElseThrow(
            () ->
                new DeployException(
                    DeployException.Kind.FAILED,
                    "the new container disappeared right after its start"));
  }

  private ContainerSpec spec(
      ImageReference image,
      Colour colour,
      String deployment,
      int replica,
      Optional<Publication> publication) {
    String network =
        settings.run().networks().isEmpty() ? "" : settings.run().networks().getFirst();
    return new ContainerSpec(
        Instance.candidateName(service, deployment, replica, settings.replicas()),
        image.toString(),
        labels(image, colour, deployment, network),
        settings.run(),
        publication);
  }

  private Map<String, String> labels(
      ImageReference image, Colour colour, String deployment, String network) {
    Map<String, String> labels = new LinkedHashMap<>(settings.labels());
    labels.putAll(
        Instance.labels(
            service, image, colour, deployment, settings.fingerprint(), settings.port(), network));
    labels.putAll(Instance.labels(settings.replicas()));
    return labels;
  }

  /**
   * A port that is free now, and that no container will want back when it is started again. It is
   * named, so that a restart of the engine or of the machine does not move it.
   */
  private Publication publication(String ip) {
    Set<Integer> taken =
        containers.list(Map.of()).stream()
            .map(Container::published)
            .flatMap(List::stream)
            .map(Publication::hostPort)
            .collect(Collectors.toSet());
    return RandomGenerator.getDefault()
        .ints(FIRST_PORT, FIRST_PORT + PORTS)
        .limit(PORTS)
        .filter(port -> !taken.contains(port))
        .mapToObj(port -> new Publication(ip, port, settings.port()))
        .filter(ContainerStarter::isFree)
        .findFirst()
        .orElseThrow(
            () ->
                new DeployException(
                    DeployException.Kind.FAILED,
                    "no port from %d to %d is free on %s"
                        .formatted(FIRST_PORT, FIRST_PORT + PORTS - 1, ip)));
  }

  private static boolean isFree(Publication publication) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(
          new InetSocketAddress(
              InetAddress.getByName(publication.hostIp()), publication.hostPort()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
