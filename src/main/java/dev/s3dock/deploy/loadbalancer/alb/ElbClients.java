package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.store.s3.access.CredentialChain;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.store.s3.access.S3Route;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2ClientBuilder;

/**
 * The SDK's clients for Elastic Load Balancing, one for each place, made when they are first
 * needed. An agent looks every few seconds, so they are kept until this is closed.
 */
public final class ElbClients implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final Optional<Credentials> credentials;
  private final Function<URI, S3Route> routes;
  private final int retries;
  private final Map<Place, ElasticLoadBalancingV2Client> clients = new HashMap<>();

  /**
   * Where the API is asked.
   *
   * @param endpoint instead of Amazon's own of the region
   * @param timeout of one answer
   */
  public record Place(String region, Optional<URI> endpoint, Duration timeout) {
    private URI address() {
      return endpoint.orElseGet(
          () -> URI.create("https://elasticloadbalancing.%s.amazonaws.com".formatted(region)));
    }
  }

  /**
   * Opens nothing yet.
   *
   * @param credentials by default what the SDK's chain finds
   * @param routes what lies between, by the address of a request
   * @param retries how often a request is sent again that failed for a passing reason, 0 or more
   */
  public ElbClients(Optional<Credentials> credentials, Function<URI, S3Route> routes, int retries) {
    this.credentials = credentials;
    this.routes = routes;
    this.retries = retries;
  }

  synchronized ElasticLoadBalancingV2Client at(Place place) {
    return clients.computeIfAbsent(place, this::open);
  }

  private ElasticLoadBalancingV2Client open(Place place) {
    UrlConnectionHttpClient.Builder http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(CONNECT.compareTo(place.timeout()) < 0 ? CONNECT : place.timeout())
            .socketTimeout(place.timeout());
    routes.apply(place.address()).apply(http);
    ElasticLoadBalancingV2ClientBuilder builder =
        ElasticLoadBalancingV2Client.builder()
            .httpClientBuilder(http)
            .credentialsProvider(provider())
            .region(Region.of(place.region()))
            .overrideConfiguration(
                override ->
                    override.retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                            .maxAttempts(retries + 1)
                            .build()));
    place.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private AwsCredentialsProvider provider() {
    return credentials
        .<AwsCredentialsProvider>map(
            keys ->
                StaticCredentialsProvider.create(
                    keys.sessionToken().isPresent()
                        ? AwsSessionCredentials.create(
                            keys.accessKey(), keys.secretKey(), keys.sessionToken().get())
                        : AwsBasicCredentials.create(keys.accessKey(), keys.secretKey())))
        .orElseGet(CredentialChain::ofProcess);
  }

  @Override
  public synchronized void close() {
    clients.values().forEach(ElasticLoadBalancingV2Client::close);
    clients.clear();
  }
}
