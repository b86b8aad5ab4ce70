package dev.s3dock.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container as its engine describes it. Holds nothing of its environment.
 *
 * @param image what it was created from, as it was named then
 * @param imageId the engine's ID of that image
 * @param labels its own and those of its image
 * @param created when it was created
 * @param started when its program was last started; empty if never
 * @param finished when its program last ended; empty if it has not
 * @param exitCode of its program's last end; 0 where there was none
 * @param outOfMemory true if its program was killed for its memory
 * @param restarts how often the engine has started it again by itself
 * @param health what the image's HEALTHCHECK says
 * @param addresses its IP addresses, by network; empty ones are left out
 * @param published its published TCP ports; of a container that does not run, those it will have
 */
public record Container(
    String id,
    String name,
    String image,
    String imageId,
    Map<String, String> labels,
    State state,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> finished,
    int exitCode,
    boolean outOfMemory,
    int restarts,
    Health health,
    Map<String, String> addresses,
    List<ContainerSpec.Publication> published) {
  public Container {
    labels = Map.copyOf(labels);
    addresses = Map.copyOf(addresses);
    published = List.copyOf(published);
  }

  /** What an engine says of a container's program. */
  public enum State {
    CREATED,
    RUNNING,
    PAUSED,
    RESTARTING,
    REMOVING,
    EXITED,
    DEAD
  }

  /** What the image's own health check says. */
  public enum Health {
    /** The image has none. */
    NONE,
    STARTING,
    HEALTHY,
    UNHEALTHY
  }

  /** The same, as it was right after it was started by hand: docker counts restarts from there. */
  public Container asStarted() {
    return new Container(
        id,
        name,
        image,
        imageId,
        labels,
        state,
        created,
        started,
        finished,
        exitCode,
        outOfMemory,
        0,
        health,
        addresses,
        published);
  }

  /** True while its program runs. */
  public boolean isRunning() {
    return state == State.RUNNING;
  }
}
