package dev.s3dock.deploy.loadbalancer.caddy;

import dev.s3dock.deploy.loadbalancer.Checks;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import java.time.Duration;

/**
 * How to change a Caddy, and what of it belongs to the app. See {@code docs/traffic-caddy.md}.
 *
 * @param admin its admin API: {@code host:port}, or the absolute path of a socket
 * @param id the {@code @id} of the handler {@code reverse_proxy}
 * @param timeout for each request to the admin API; a change of the configuration is one
 */
public record CaddySettings(String admin, String id, Duration timeout) {
  public static final String DEFAULT_ADMIN = "127.0.0.1:2019";
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  public CaddySettings {
    new Endpoint(admin);
    if (!id.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
      throw new IllegalArgumentException(
          "'%s' is not a valid @id of a Caddy handler: use only letters, digits and _ . -"
              .formatted(id));
    }
    Checks.positive("the timeout for Caddy", timeout);
  }
}
