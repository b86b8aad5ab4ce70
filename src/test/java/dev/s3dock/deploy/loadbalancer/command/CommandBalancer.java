package dev.s3dock.deploy.loadbalancer.command;

import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.haproxy.HaproxyBalancer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** HAProxy, through a script as a user would write one. */
public final class CommandBalancer extends HaproxyBalancer {
  private static final Path SCRIPT =
      Path.of("src/test/resources/traffic/haproxy-command").toAbsolutePath();

  public CommandBalancer(UnaryOperator<String> change) {
    super(change);
  }

  @Override
  public String keys() {
    return "driver: 'command', command: ['%s'], identifies: true, env: { SOCKET: '%s', BACKEND: 'app', STATE_FILE: '%s' }"
        .formatted(SCRIPT, socket(), stateFile());
  }

  @Override
  public LoadBalancer loadBalancer(Duration timeout) {
    return new CommandLoadBalancer(
        new CommandSettings(
            List.of(SCRIPT.toString()),
            Map.of("SOCKET", socket(), "BACKEND", "app", "STATE_FILE", stateFile().toString()),
            true,
            timeout));
  }
}
