package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.store.s3.access.S3Route;
import dev.s3dock.testing.PlantedSecrets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DeregisterTargetsRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DeregisterTargetsResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetGroupAttributesRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetGroupAttributesResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetGroupsRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetGroupsResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetHealthRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeTargetHealthResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RegisterTargetsRequest;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.RegisterTargetsResponse;

/** Drivers of this host, {@code i-0123456789abcdef0}, in front of a {@link TargetGroupServer}. */
public final class TargetGroupDrivers {
  public static final String HOST_ID = "i-0123456789abcdef0";

  /** Nothing is learnt from waiting. */
  static final Duration MOMENT = Duration.ofMillis(1);

  private TargetGroupDrivers() {}

  /** Settings of a host whose containers are published on this address. */
  static AlbSettings settings(Optional<String> instance, String address, Duration healthyTimeout) {
    return new AlbSettings(
        TargetGroupArn.parse(TargetGroupServer.ARN),
        instance,
        address,
        healthyTimeout,
        Duration.ofSeconds(5),
        MOMENT);
  }

  static ElbClients clients(String accessKey, String secretKey) {
    return new ElbClients(
        Optional.of(new Credentials(accessKey, secretKey, Optional.empty())),
        address -> S3Route.DIRECT,
        1); // the SDK's pauses are long
  }

  static ElbClients.Place place(TargetGroupServer server, Duration timeout) {
    return new ElbClients.Place(TargetGroupServer.REGION, Optional.of(server.endpoint()), timeout);
  }

  /**
   * A driver with a step of the test before each request.
   *
   * @param containers of this host
   */
  public static AlbLoadBalancer watched(
      TargetGroupServer server,
      ElbClients clients,
      String address,
      Supplier<HostBackends> containers,
      Runnable before) {
    ElasticLoadBalancingV2Client client = clients.at(place(server, Duration.ofMinutes(1)));
    AlbSettings settings =
        new AlbSettings(
            TargetGroupArn.parse(TargetGroupServer.ARN),
            Optional.of(HOST_ID),
            address,
            AlbSettings.DEFAULT_HEALTHY_TIMEOUT,
            Duration.ofMinutes(1),
            MOMENT);
    return new AlbLoadBalancer(
        settings,
        new TargetGroupApi(settings.targetGroup(), () -> new Watched(client, before)),
        containers);
  }

  /** One that gives a target no time to become healthy. */
  public static AlbLoadBalancer hasty(
      TargetGroupServer server,
      ElbClients clients,
      String address,
      Supplier<HostBackends> containers) {
    return AlbLoadBalancer.of(
        settings(Optional.of(HOST_ID), address, Duration.ofMillis(50)),
        clients,
        place(server, Duration.ofMinutes(1)),
        containers);
  }

  /** For {@link #watched}. */
  public static ElbClients clients() {
    return clients(PlantedSecrets.ACCESS_KEY, PlantedSecrets.SECRET_KEY);
  }

  private record Watched(ElasticLoadBalancingV2Client client, Runnable before)
      implements ElasticLoadBalancingV2Client {
    @Override
    public DescribeTargetGroupsResponse describeTargetGroups(DescribeTargetGroupsRequest request) {
      before.run();
      return client.describeTargetGroups(request);
    }

    @Override
    public DescribeTargetGroupAttributesResponse describeTargetGroupAttributes(
        DescribeTargetGroupAttributesRequest request) {
      before.run();
      return client.describeTargetGroupAttributes(request);
    }

    @Override
    public DescribeTargetHealthResponse describeTargetHealth(DescribeTargetHealthRequest request) {
      before.run();
      return client.describeTargetHealth(request);
    }

    @Override
    public RegisterTargetsResponse registerTargets(RegisterTargetsRequest request) {
      before.run();
      return client.registerTargets(request);
    }

    @Override
    public DeregisterTargetsResponse deregisterTargets(DeregisterTargetsRequest request) {
      before.run();
      return client.deregisterTargets(request);
    }

    @Override
    public String serviceName() {
      return client.serviceName();
    }

    @Override
    public void close() {}
  }
}
