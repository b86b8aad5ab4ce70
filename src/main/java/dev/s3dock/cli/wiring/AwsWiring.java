package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.config.ConfigException;
import dev.s3dock.config.DeployKeys;
import dev.s3dock.config.DeployValues;
import dev.s3dock.config.ProxyVariables;
import dev.s3dock.config.Settings;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.alb.AlbLoadBalancer;
import dev.s3dock.deploy.loadbalancer.alb.AlbSettings;
import dev.s3dock.deploy.loadbalancer.alb.ElbClients;
import dev.s3dock.deploy.loadbalancer.alb.HostBackends;
import dev.s3dock.deploy.loadbalancer.alb.InstanceMetadata;
import dev.s3dock.deploy.loadbalancer.alb.TargetGroupArn;
import dev.s3dock.image.Printable;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.store.s3.access.S3Route;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What target groups at AWS need of this host. Nothing is asked, and no class loaded, without. */
final class AwsWiring implements AutoCloseable {
  /** The name of the driver in configurations. */
  static final String DRIVER = "alb";

  private final ProcessContext process;
  private final Settings settings;
  private final StoreWiring stores;
  private @Nullable ElbClients clients;
  private @Nullable InstanceMetadata metadata;

  AwsWiring(ProcessContext process, Settings settings, StoreWiring stores) {
    this.process = process;
    this.settings = settings;
    this.stores = stores;
  }

  static boolean isFor(DeployValues values) {
    return values.find(DeployKeys.DRIVER).equals(Optional.of(DRIVER));
  }

  /**
   * The driver of a target group.
   *
   * @param containers of this host
   */
  LoadBalancer targetGroup(DeployValues values, Supplier<HostBackends> containers) {
    TargetGroupArn group = TargetGroupArn.parse(values.get(DeployKeys.TARGET_GROUP));
    boolean byAddress = values.get(DeployKeys.TARGET_TYPE).equals("ip");
    AlbSettings driver =
        new AlbSettings(
            group,
            byAddress ? Optional.empty() : Optional.of(instance(values)),
            address(values),
            values.find(DeployKeys.HEALTHY_TIMEOUT).orElse(AlbSettings.DEFAULT_HEALTHY_TIMEOUT),
            values.get(DeployKeys.DRAIN),
            AlbSettings.DEFAULT_PACE);
    ElbClients.Place place =
        new ElbClients.Place(
            group.region(),
            values.find(DeployKeys.ELB_ENDPOINT).map(URI::create),
            values.find(DeployKeys.TRAFFIC_TIMEOUT).orElse(AlbSettings.DEFAULT_TIMEOUT));
    return AlbLoadBalancer.of(driver, clients(), place, containers);
  }

  private String instance(DeployValues values) {
    return values
        .find(DeployKeys.INSTANCE)
        .orElseGet(() -> told(values, DeployKeys.INSTANCE.name(), metadata()::instance));
  }

  /**
   * The address of this host that a load balancer connects to: {@code publish}, or the private one
   * of this instance.
   *
   * @throws ConfigException if neither is to be had, or no load balancer could reach it
   */
  String address(DeployValues values) {
    if (!values.says(DeployKeys.PUBLISH)) {
      return told(values, DeployKeys.PUBLISH.name(), metadata()::privateAddress);
    }
    String publish = values.get(DeployKeys.PUBLISH);
    if (publish.equals("container") || publish.startsWith("127.") || publish.equals("::1")) {
      throw values.refused(
          "publish \"%s\" cannot be reached by the load balancer of traffic.driver \"alb\": set it to an address of this host, or leave it out on EC2"
              .formatted(publish));
    }
    return publish;
  }

  private static String told(DeployValues values, String key, Supplier<String> source) {
    try {
      return source.get();
    } catch (LoadBalancerException e) {
      throw values.refused("the key '%s' is missing, and %s".formatted(key, e.getMessage()));
    }
  }

  private synchronized InstanceMetadata metadata() {
    InstanceMetadata known = metadata;
    if (known == null) {
      String said = process.environment().getOrDefault("AWS_EC2_METADATA_SERVICE_ENDPOINT", "");
      known = new InstanceMetadata(said.isEmpty() ? InstanceMetadata.ADDRESS : hostAndPort(said));
      metadata = known;
    }
    return known;
  }

  private static String hostAndPort(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      url = URI.create("");
    }
    if (url.getHost() == null) {
      throw new UsageException(
          "AWS_EC2_METADATA_SERVICE_ENDPOINT is '%s', which is not a URL such as http://169.254.169.254"
              .formatted(Printable.of(text)));
    }
    return url.getHost() + ":" + (url.getPort() < 0 ? 80 : url.getPort());
  }

  private synchronized ElbClients clients() {
    ElbClients known = clients;
    if (known == null) {
      Optional<Path> authorities = stores.certificates();
      known =
          new ElbClients(
              credentials(),
              address ->
                  new S3Route(ProxyVariables.proxy(process.environment(), address), authorities),
              settings.retryCount());
      clients = known;
    }
    return known;
  }

  /** Those of the bucket, unless they are the keys of a store that is not Amazon's. */
  private Optional<Credentials> credentials() {
    boolean ofEnvironment = !process.environment().getOrDefault("AWS_ACCESS_KEY_ID", "").isEmpty();
    return settings
        .credentials()
        .filter(keys -> ofEnvironment || stores.endpoint().isEmpty())
        .map(keys -> new Credentials(keys.accessKey(), keys.secretKey(), keys.sessionToken()));
  }

  @Override
  public synchronized void close() {
    if (clients != null) {
      clients.close();
    }
  }
}
