package dev.s3dock.store.s3.access;

import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * Leads the requests that the SDK makes by itself, to STS and SSO, along a way of their own: it
 * gives nobody a chance to configure those clients, but asks for who makes them, by a class name.
 */
public final class CredentialRoute implements SdkHttpService {
  private static volatile S3Route route = S3Route.DIRECT;

  /** Leads all such requests of this process along this way from now on. */
  public static void use(S3Route way) {
    route = way;
    System.setProperty(
        SdkSystemSetting.SYNC_HTTP_SERVICE_IMPL.property(), CredentialRoute.class.getName());
  }

  @Override
  public SdkHttpClient.Builder<?> createHttpClientBuilder() {
    UrlConnectionHttpClient.Builder client = UrlConnectionHttpClient.builder();
    route.apply(client);
    return client;
  }
}
