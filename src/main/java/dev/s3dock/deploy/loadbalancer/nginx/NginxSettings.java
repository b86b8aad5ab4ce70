package dev.s3dock.deploy.loadbalancer.nginx;

import dev.s3dock.deploy.loadbalancer.Checks;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to change an nginx, and what of it belongs to the app. See {@code docs/traffic-nginx.md}.
 *
 * @param upstream name of the upstream, as in {@code proxy_pass http://app}
 * @param file that s3dock writes and nginx includes
 * @param status where nginx tells what it runs: a {@code host:port} of this machine
 * @param program command line of nginx, without {@code -t}; with {@code -c} if it needs that
 * @param reload command line that reloads it; the program with {@code -s reload} if empty
 * @param timeout for each question to nginx
 * @param reloadTimeout for each command line, and until a reload has taken effect
 */
public record NginxSettings(
    String upstream,
    Path file,
    String status,
    List<String> program,
    Optional<List<String>> reload,
    Duration timeout,
    Duration reloadTimeout) {
  public static final Path DEFAULT_FOLDER = Path.of("/etc/nginx/s3dock");
  public static final String DEFAULT_STATUS = "127.0.0.1:8125";
  public static final List<String> DEFAULT_PROGRAM = List.of("nginx");
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
  public static final Duration DEFAULT_RELOAD_TIMEOUT = Duration.ofSeconds(30);

  public NginxSettings {
    if (!upstream.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
      throw new IllegalArgumentException(
          "'%s' is not a valid name of an nginx upstream: use only letters, digits and _ . -"
              .formatted(upstream));
    }
    Checks.absolute("the file of the nginx upstream", file);
    if (new Endpoint(status).isUnix()) {
      throw new IllegalArgumentException(
          "'%s': the status address of nginx must be a host:port, since nginx does not start if an"
                  .formatted(status)
              + " old socket file exists");
    }
    program = Checks.command("nginx", program);
    reload = reload.map(it -> Checks.command("the reload of nginx", it));
    Checks.positive("the timeout for nginx", timeout);
    Checks.positive("the timeout for a reload of nginx", reloadTimeout);
  }
}
