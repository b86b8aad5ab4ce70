package dev.s3dock.deploy.loadbalancer.command;

import static dev.s3dock.deploy.loadbalancer.Lines.without;
import static dev.s3dock.deploy.loadbalancer.Lines.withoutLine;

import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerContract;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The contract through a script that drives a real HAProxy. */
@ResourceLock("load balancers")
@Order(3)
class CommandLoadBalancerIT extends LoadBalancerContract {
  @Override
  public Balancer start(UnaryOperator<String> change) {
    return new CommandBalancer(change);
  }

  @Override
  public boolean keepsWebSockets() {
    return true;
  }

  @Override
  public List<Defect> defects() {
    return List.of(
        new Defect("level", without(" level admin"), "status 1", "level admin"),
        new Defect("green", withoutLine("server green"), "no server green"));
  }
}
