package dev.s3dock.deploy.traffic;

import static dev.s3dock.deploy.traffic.Lines.without;
import static dev.s3dock.deploy.traffic.Lines.withoutLine;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Order;

/** The contract through a script that drives a real HAProxy. */
@Order(3)
class CommandTrafficIT extends TrafficContract {
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
