package dev.s3dock.deploy.loadbalancer;

import dev.s3dock.deploy.loadbalancer.caddy.CaddyBalancer;
import dev.s3dock.deploy.loadbalancer.command.CommandBalancer;
import dev.s3dock.deploy.loadbalancer.haproxy.HaproxyBalancer;
import dev.s3dock.deploy.loadbalancer.nginx.NginxBalancer;
import java.util.function.UnaryOperator;

/** Load balancers with the configurations of their pages, for tests of whole deployments. */
public final class Balancers {
  private Balancers() {}

  public static Balancer haproxy() {
    return new HaproxyBalancer(UnaryOperator.identity());
  }

  public static Balancer nginx() {
    return new NginxBalancer(UnaryOperator.identity());
  }

  public static Balancer caddy() {
    return new CaddyBalancer(UnaryOperator.identity());
  }

  public static Balancer command() {
    return new CommandBalancer(UnaryOperator.identity());
  }
}
