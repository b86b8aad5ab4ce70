package dev.s3dock.distribution.client;

import dev.s3dock.login.DockerLogins;
import java.time.Duration;

/**
 * How registries are reached.
 *
 * @param plainHttp without TLS; an address of this machine is reached so in any case
 * @param retries how often a request that failed is made again
 * @param idle how long a registry may say nothing
 * @param pause lets time pass
 * @param routes to those that speak TLS
 */
public record Access(
    DockerLogins logins,
    boolean plainHttp,
    int retries,
    Duration idle,
    Pause pause,
    Routes routes) {
  /** Lets time pass. */
  @FunctionalInterface
  public interface Pause {
    /** Returns after that long; throws if the thread is interrupted meanwhile. */
    void of(Duration time);
  }
}
