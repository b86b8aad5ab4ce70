package dev.s3dock.agent;

import dev.s3dock.deploy.service.DeployProgress;
import dev.s3dock.deploy.service.Service;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;

/** This host, as its configuration says at the moment. */
public interface Host {
  /**
   * What is to be followed.
   *
   * @param interval between two looks
   * @param parallel how many deployments may run at the same time
   */
  record Plan(List<Service> services, Duration interval, int parallel) {
    public Plan {
      services = List.copyOf(services);
    }
  }

  /** Reads the configuration; throws what is wrong with it, in words for the user. */
  Plan plan();

  /** A service; throws what is wrong with its configuration, in words for the user. */
  HostService service(Service service, DeployProgress progress);

  /** When what is live may be replaced again; empty if it may now. */
  default Optional<ZonedDateTime> closedUntil() {
    return Optional.empty();
  }

  /** What this host is called beside its name, so that a rollout can begin with it. */
  default List<String> labels() {
    return List.of();
  }

  /** Bytes that are free where images are fetched to; 0 if that is not known. */
  long diskFree();
}
