package dev.s3dock.cli.wiring;

import dev.s3dock.config.DeployKeys;
import dev.s3dock.config.DeployValues;
import dev.s3dock.config.Key;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.alb.HostBackends;
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
import java.util.function.Supplier;

/** Makes the driver of a load balancer out of the keys {@code traffic} of the configuration. */
final class LoadBalancerWiring {
  private final DeployValues values;
  private final AwsWiring aws;

  LoadBalancerWiring(DeployValues values, AwsWiring aws) {
    this.values = values;
    this.aws = aws;
  }

  /**
   * The driver.
   *
   * @param containers of this host, for a load balancer that does not know them
   */
  LoadBalancer loadBalancer(Supplier<HostBackends> containers) {
    String driver = values.get(DeployKeys.DRIVER);
    try {
      return switch (driver) {
        case "haproxy" -> new HaproxyLoadBalancer(haproxy());
        case "nginx" -> new NginxLoadBalancer(nginx());
        case "caddy" -> new CaddyLoadBalancer(caddy());
        case AwsWiring.DRIVER -> aws.targetGroup(values, containers);
        case "command" -> new CommandLoadBalancer(command());
        default -> throw new IllegalArgumentException("no driver is called " + driver);
      };
    } catch (IllegalArgumentException e) {
      throw values.refused(String.valueOf(e.getMessage()));
    }
  }

  private HaproxySettings haproxy() {
    return new HaproxySettings(
        values.find(DeployKeys.SOCKET).orElse(HaproxySettings.DEFAULT_SOCKET),
        values.get(DeployKeys.BACKEND),
        values.find(DeployKeys.STATE_FILE).map(Path::of).orElse(HaproxySettings.DEFAULT_STATE_FILE),
        values.file(DeployKeys.TRAFFIC_CONFIG),
        values.find(DeployKeys.TRAFFIC_TIMEOUT).orElse(HaproxySettings.DEFAULT_TIMEOUT));
  }

  private NginxSettings nginx() {
    String upstream = values.get(DeployKeys.UPSTREAM);
    return new NginxSettings(
        upstream,
        values
            .find(DeployKeys.UPSTREAM_FILE)
            .map(Path::of)
            .orElseGet(() -> NginxSettings.DEFAULT_FOLDER.resolve(upstream + ".conf")),
        values.find(DeployKeys.STATUS).orElse(NginxSettings.DEFAULT_STATUS),
        listed(DeployKeys.PROGRAM).orElse(NginxSettings.DEFAULT_PROGRAM),
        listed(DeployKeys.RELOAD),
        values.find(DeployKeys.TRAFFIC_TIMEOUT).orElse(NginxSettings.DEFAULT_TIMEOUT),
        values.find(DeployKeys.RELOAD_TIMEOUT).orElse(NginxSettings.DEFAULT_RELOAD_TIMEOUT));
  }

  private CaddySettings caddy() {
    return new CaddySettings(
        values.find(DeployKeys.ADMIN).orElse(CaddySettings.DEFAULT_ADMIN),
        values.get(DeployKeys.ID),
        values.find(DeployKeys.TRAFFIC_TIMEOUT).orElse(CaddySettings.DEFAULT_TIMEOUT));
  }

  private CommandSettings command() {
    return new CommandSettings(
        values.list(DeployKeys.COMMAND),
        values.names(DeployKeys.TRAFFIC_ENV),
        values.get(DeployKeys.IDENTIFIES),
        values.find(DeployKeys.TRAFFIC_TIMEOUT).orElse(CommandSettings.DEFAULT_TIMEOUT));
  }

  private Optional<List<String>> listed(Key<String> key) {
    return Optional.of(values.list(key)).filter(list -> !list.isEmpty());
  }
}
