package dev.s3dock.deploy.loadbalancer;

import dev.s3dock.deploy.loadbalancer.caddy.CaddyBalancer;
import dev.s3dock.deploy.loadbalancer.command.CommandBalancer;
import dev.s3dock.deploy.loadbalancer.haproxy.HaproxyBalancer;
import dev.s3dock.deploy.loadbalancer.nginx.NginxBalancer;
import dev.s3dock.testing.Manual;
import java.util.List;
import java.util.function.UnaryOperator;

/** Load balancers with the configurations of their pages, for tests of whole deployments. */
public final class Balancers {
  private Balancers() {}

  public static Balancer haproxy() {
    return new HaproxyBalancer(UnaryOperator.identity());
  }

  /** For two containers of each side. */
  public static Balancer haproxyForTwo(UnaryOperator<String> change) {
    List<String> blocks = Manual.blocks("traffic-haproxy.md", "haproxy");
    return new HaproxyBalancer(
        it -> change.apply(it.substring(0, it.indexOf("\nbackend app\n") + 1) + blocks.get(1)));
  }

  /** The same. */
  public static Balancer caddyForTwo() {
    return new CaddyBalancer(it -> Manual.replace(it, "\"first\"", "\"round_robin\""));
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
