package dev.s3dock.deploy.traffic;

import static dev.s3dock.deploy.traffic.Lines.without;
import static dev.s3dock.deploy.traffic.Lines.withoutLine;

import dev.s3dock.deploy.Traffic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The contract through a script that drives a real HAProxy. */
class CommandTrafficIT extends TrafficContract {
  private static final Path SCRIPT =
      Path.of("src/test/resources/traffic/haproxy-command").toAbsolutePath();

  private static final class CommandBalancer extends HaproxyBalancer {
    CommandBalancer(UnaryOperator<String> change) {
      super(change);
    }

    @Override
    public Traffic traffic() {
      return new CommandTraffic(
          new CommandSettings(
              List.of(SCRIPT.toString()),
              Map.of("SOCKET", socket(), "BACKEND", "app", "STATE_FILE", stateFile().toString()),
              true,
              Duration.ofSeconds(10)));
    }
  }

  @Override
  Balancer start(UnaryOperator<String> change) {
    return new CommandBalancer(change);
  }

  @Override
  boolean keepsWebSockets() {
    return true;
  }

  @Override
  List<Defect> defects() {
    return List.of(
        new Defect("level", without(" level admin"), "status 1", "level admin"),
        new Defect("green", withoutLine("server green"), "no server green"));
  }
}
