package dev.s3dock.store.s3;

import dev.s3dock.store.RequestListener;
import dev.s3dock.store.s3.access.CredentialChain;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.InstanceProfileRegionProvider;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;

/** The SDK's clients, made when they are first needed: that takes a third of a second. */
final class S3Clients implements AutoCloseable {
  /**
   * How long to wait.
   *
   * @param read for the next bytes of an answer
   * @param stall for the next bytes of a range, which then is read again
   * @param copy for the answer to a copy or the end of an upload, while the store moves gigabytes
   */
  record Timeouts(Duration connect, Duration read, Duration stall, Duration copy) {
    static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(15),
            Duration.ofMinutes(10));
  }

  private final S3Settings settings;
  private final S3Address address;
  private final Timeouts timeouts;
  private final RequestListener listener;
  private @Nullable S3Client quick;
  private @Nullable S3Client patient;
  private @Nullable S3Client ranges;

  S3Clients(S3Settings settings, Timeouts timeouts) {
    this(settings, timeouts, RequestListener.NONE);
  }

  S3Clients(S3Settings settings, Timeouts timeouts, RequestListener listener) {
    this.settings = settings;
    this.listener = listener;
    this.address = S3Address.of(settings);
    this.timeouts = timeouts;
  }

  S3Address address() {
    return address;
  }

  /** For requests whose answer begins at once. */
  synchronized S3Client quick() {
    S3Client client = quick;
    if (client == null) {
      client = build(timeouts.read(), settings.retries());
      quick = client;
    }
    return client;
  }

  /** For requests that make the store move many bytes before it answers. */
  synchronized S3Client patient() {
    S3Client client = patient;
    if (client == null) {
      client = build(timeouts.copy(), settings.retries());
      patient = client;
    }
    return client;
  }

  /** For reads of ranges: their reader retries, and has to know of every try. */
  synchronized S3Client ranges() {
    S3Client client = ranges;
    if (client == null) {
      client = build(timeouts.stall(), 0);
      ranges = client;
    }
    return client;
  }

  private S3Client build(Duration readTimeout, int retries) {
    UrlConnectionHttpClient.Builder http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(timeouts.connect())
            .socketTimeout(readTimeout);
    settings.route().apply(http);
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(http)
            .credentialsProvider(credentials())
            .region(region())
            .forcePathStyle(address.pathStyle())
            // trailing checksums and chunked signatures are refused by S3Proxy and others
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(
                s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
            .overrideConfiguration(
                override -> {
                  override
                      .retryStrategy(strategy(retries))
                      .addExecutionInterceptor(new EmptyBodies());
                  if (!listener.equals(RequestListener.NONE)) {
                    override.addExecutionInterceptor(new RequestTimes(listener));
                  }
                });
    address.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /**
   * Copies have no body, and {@code HttpURLConnection} says how long a body is only where there is
   * one; Ceph asks for it (RFC 9110, section 8.6).
   */
  private static final class EmptyBodies implements ExecutionInterceptor {
    @Override
    public Optional<RequestBody> modifyHttpContent(
        Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
      return context.request() instanceof CopyObjectRequest
              || context.request() instanceof UploadPartCopyRequest
          ? Optional.of(RequestBody.empty())
          : context.requestBody();
    }
  }

  private static RetryStrategy strategy(int retries) {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(retries + 1)
        .retryOnException(S3Errors::isConflict)
        .retryOnException(S3Errors::isCutShort)
        .retryOnException(S3Errors::isBrokenOff)
        .build();
  }

  private AwsCredentialsProvider credentials() {
    return settings
        .credentials()
        .<AwsCredentialsProvider>map(
            keys -> {
              Optional<String> token = keys.sessionToken();
              return StaticCredentialsProvider.create(
                  token.isPresent()
                      ? AwsSessionCredentials.create(
                          keys.accessKey(), keys.secretKey(), token.get())
                      : AwsBasicCredentials.create(keys.accessKey(), keys.secretKey()));
            })
        .orElseGet(CredentialChain::ofProcess);
  }

  /**
   * Whose credentials requests are signed with.
   *
   * @throws SdkClientException if none are found
   */
  String identity() {
    AwsCredentials found = credentials().resolveCredentials();
    String key = found.accessKeyId();
    return "access key ****%s, %s"
        .formatted(
            key.length() > 8 ? key.substring(key.length() - 4) : "",
            settings.credentials().isPresent()
                ? "as configured"
                : found.providerName().orElse("found by the AWS default chain"));
  }

  /** The region that requests are sent to. */
  Region region() {
    return Region.of(settings.region().or(this::regionOfTheChain).orElse("us-east-1"));
  }

  /** The SDK's chain; its last step asks the EC2 host, which no other store runs on. */
  private Optional<String> regionOfTheChain() {
    List<AwsRegionProvider> chain =
        address.isAmazon()
            ? List.of(
                new SystemSettingsRegionProvider(),
                new AwsProfileRegionProvider(),
                new InstanceProfileRegionProvider())
            : List.of(new SystemSettingsRegionProvider(), new AwsProfileRegionProvider());
    return chain.stream().flatMap(provider -> ask(provider).stream()).findFirst();
  }

  private static Optional<String> ask(AwsRegionProvider provider) {
    try {
      return Optional.ofNullable(provider.getRegion()).map(Region::id);
    } catch (SdkClientException e) {
      return Optional.empty(); // it knows of none
    }
  }

  @Override
  public synchronized void close() {
    if (quick != null) {
      quick.close();
    }
    if (patient != null) {
      patient.close();
    }
    if (ranges != null) {
      ranges.close();
    }
  }
}
