package dev.s3dock.store.s3.access;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * Leads the requests that the SDK makes by itself, to STS and SSO, along a way of their own, which
 * may be another one for each host: it gives nobody a chance to configure those clients, but asks
 * for who makes them, by a class name.
 */
public final class CredentialRoute implements SdkHttpService {
  private static volatile Function<URI, S3Route> routes = address -> S3Route.DIRECT;

  /**
   * Leads all such requests of this process along these ways from now on.
   *
   * @param ways by the address of a request
   */
  public static void use(Function<URI, S3Route> ways) {
    routes = ways;
    System.setProperty(
        SdkSystemSetting.SYNC_HTTP_SERVICE_IMPL.property(), CredentialRoute.class.getName());
  }

  @Override
  public SdkHttpClient.Builder<?> createHttpClientBuilder() {
    return new ClientBuilder();
  }

  private static final class ClientBuilder implements SdkHttpClient.Builder<ClientBuilder> {
    @Override
    public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
      return new Client(routes, defaults);
    }
  }

  /** One client for each way. */
  private static final class Client implements SdkHttpClient {
    private final Function<URI, S3Route> ways;
    private final AttributeMap defaults;
    private final Map<S3Route, SdkHttpClient> clients = new ConcurrentHashMap<>();

    Client(Function<URI, S3Route> ways, AttributeMap defaults) {
      this.ways = ways;
      this.defaults = defaults;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      S3Route way = ways.apply(request.httpRequest().getUri());
      return clients.computeIfAbsent(way, this::client).prepareRequest(request);
    }

    private SdkHttpClient client(S3Route way) {
      UrlConnectionHttpClient.Builder client = UrlConnectionHttpClient.builder();
      way.apply(client);
      return client.buildWithDefaults(defaults);
    }

    @Override
    public void close() {
      clients.values().forEach(SdkHttpClient::close);
    }
  }
}
