package dev.s3dock.deploy.loadbalancer.command;

import dev.s3dock.deploy.loadbalancer.Checks;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A command of the user's that directs traffic. See {@code docs/traffic-command.md}.
 *
 * @param command program and arguments; the step comes after them
 * @param environment variables for it, besides those of s3dock and the facts
 * @param identifies true if the load balancer behind it answers a probe with the backend's address
 * @param timeout for each step
 */
public record CommandSettings(
    List<String> command, Map<String, String> environment, boolean identifies, Duration timeout) {
  public static final boolean DEFAULT_IDENTIFIES = false;
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  public CommandSettings {
    command = Checks.command("the traffic command", command);
    environment = Map.copyOf(environment);
    for (String name : environment.keySet()) {
      if (!name.matches("[A-Za-z_][A-Za-z0-9_]*") || name.startsWith(CommandLoadBalancer.FACTS)) {
        throw new IllegalArgumentException(
            "'%s' cannot be a variable of the traffic command: use only letters, digits and _, and no name that begins with %s"
                .formatted(name, CommandLoadBalancer.FACTS));
      }
    }
    Checks.positive("the timeout of the traffic command", timeout);
  }
}
