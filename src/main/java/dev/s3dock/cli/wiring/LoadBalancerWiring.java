package dev.s3dock.cli.wiring;

import dev.s3dock.config.DeployValues;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.caddy.CaddyLoadBalancer;
import dev.s3dock.deploy.loadbalancer.caddy.CaddySettings;
import dev.s3dock.deploy.loadbalancer.command.CommandLoadBalancer;
import dev.s3dock.deploy.loadbalancer.command.CommandSettings;
import dev.s3dock.deploy.loadbalancer.haproxy.HaproxyLoadBalancer;
import dev.s3dock.deploy.loadbalancer.haproxy.HaproxySettings;
import dev.s3dock.deploy.loadbalancer.nginx.NginxLoadBalancer;
import dev.s3dock.deploy.loadbalancer.nginx.NginxSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes the driver of a load balancer out of the keys {@code traffic} of the configuration. */
final class LoadBalancerWiring {
  private final DeployValues values;

  LoadBalancerWiring(DeployValues values) {
    this.values = values;
  }

  LoadBalancer loadBalancer() {
    String driver = values.required("traffic.driver");
    try {
      return switch (driver) {
        case "haproxy" -> new HaproxyLoadBalancer(haproxy());
        case "nginx" -> new NginxLoadBalancer(nginx());
        case "caddy" -> new CaddyLoadBalancer(caddy());
        case "command" -> new CommandLoadBalancer(command());
        default -> throw new IllegalArgumentException("no driver is called " + driver);
      };
    } catch (IllegalArgumentException e) {
      throw values.refused(String.valueOf(e.getMessage()));
    }
  }

  private HaproxySettings haproxy() {
    return new HaproxySettings(
        values.text("traffic.socket").orElse(HaproxySettings.DEFAULT_SOCKET),
        values.required("traffic.backend"),
        values.text("traffic.state_file").map(Path::of).orElse(HaproxySettings.DEFAULT_STATE_FILE),
        values.file("traffic.config"),
        values.duration("traffic.timeout", HaproxySettings.DEFAULT_TIMEOUT));
  }

  private NginxSettings nginx() {
    String upstream = values.required("traffic.upstream");
    return new NginxSettings(
        upstream,
        values
            .text("traffic.file")
            .map(Path::of)
            .orElseGet(() -> NginxSettings.DEFAULT_FOLDER.resolve(upstream + ".conf")),
        values.text("traffic.status").orElse(NginxSettings.DEFAULT_STATUS),
        listed("traffic.program").orElse(NginxSettings.DEFAULT_PROGRAM),
        listed("traffic.reload"),
        values.duration("traffic.timeout", NginxSettings.DEFAULT_TIMEOUT),
        values.duration("traffic.reload_timeout", NginxSettings.DEFAULT_RELOAD_TIMEOUT));
  }

  private CaddySettings caddy() {
    return new CaddySettings(
        values.text("traffic.admin").orElse(CaddySettings.DEFAULT_ADMIN),
        values.required("traffic.id"),
        values.duration("traffic.timeout", CaddySettings.DEFAULT_TIMEOUT));
  }

  private CommandSettings command() {
    return new CommandSettings(
        values.list("traffic.command"),
        values.names("traffic.env"),
        values.isTrue("traffic.identifies"),
        values.duration("traffic.timeout", CommandSettings.DEFAULT_TIMEOUT));
  }

  private Optional<List<String>> listed(String key) {
    return Optional.of(values.list(key)).filter(list -> !list.isEmpty());
  }
}
