package dev.s3dock.deploy.loadbalancer.haproxy;

import dev.s3dock.deploy.loadbalancer.Checks;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach an HAProxy, and what of it belongs to the app. See {@code docs/traffic-haproxy.md}.
 *
 * @param socket of its Runtime API, level admin: absolute path or {@code host:port}
 * @param backend the section that has the servers {@code blue} and {@code green}
 * @param stateFile what its {@code server-state-file} says, as this host sees it
 * @param configuration its file as this host sees it; if empty, HAProxy is asked where it is
 * @param timeout for each question
 */
public record HaproxySettings(
    String socket, String backend, Path stateFile, Optional<Path> configuration, Duration timeout) {
  public static final String DEFAULT_SOCKET = "/run/haproxy/admin.sock";
  public static final Path DEFAULT_STATE_FILE = Path.of("/var/lib/haproxy/server-state");
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  public HaproxySettings {
    new Endpoint(socket);
    if (!backend.matches("[A-Za-z0-9_.:-]+")) {
      throw new IllegalArgumentException(
          "'%s' is not a valid name of an HAProxy backend: use only letters, digits and _ . : -"
              .formatted(backend));
    }
    Checks.absolute("the state file of HAProxy", stateFile);
    Checks.positive("the timeout for HAProxy", timeout);
  }
}
