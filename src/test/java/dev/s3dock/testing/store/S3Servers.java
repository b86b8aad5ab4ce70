package dev.s3dock.testing.store;

import com.adobe.testing.s3mock.S3MockApplication;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.LoadBalancers;
import dev.s3dock.testing.PlantedSecrets;
import dev.s3dock.testing.Scratch;
import java.net.InetAddress;
import java.net.URI;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * S3 servers in this JVM, on free ports of 127.0.0.1: each starts when it is first asked for, once,
 * keeps its objects in a temporary folder and stops with the JVM.
 */
public final class S3Servers {
  private static final int ATTEMPTS = 10;

  private static final String ACCESS_KEY = PlantedSecrets.ACCESS_KEY;
  private static final String SECRET_KEY = PlantedSecrets.SECRET_KEY;

  private S3Servers() {}

  /** Adobe S3Mock: conditional writes and ranges as S3 has them; takes any credentials. */
  public static S3Server s3Mock() {
    return Mock.SERVER;
  }

  /** S3Proxy over a folder: checks signatures. */
  public static S3Server s3Proxy() {
    return Proxy.SERVER;
  }

  /** Makes a bucket that no other test uses, and returns its name. */
  public static String newBucket(S3Server server) {
    String bucket = "test-" + UUID.randomUUID();
    try (S3Client client = client(server)) {
      client.createBucket(request -> request.bucket(bucket));
    }
    return bucket;
  }

  /**
   * A client of the SDK itself, to look at what the port does not show. It asks again more often
   * than usual: S3Proxy answers 500 while another request removes what it looks at.
   */
  public static S3Client client(S3Server server) {
    return S3Client.builder()
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .endpointOverride(server.endpoint())
        .region(Region.of(server.region()))
        .forcePathStyle(true)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
        .overrideConfiguration(it -> it.retryStrategy(retry -> retry.maxAttempts(ATTEMPTS)))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(server.accessKey(), server.secretKey())))
        .build();
  }

  /** Runs both servers until the process is ended, for benchmarks and trials by hand. */
  public static void main(String[] args) throws InterruptedException {
    for (S3Server server : new S3Server[] {s3Mock(), s3Proxy()}) {
      IO.println(
          "%s %s bucket=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s"
              .formatted(
                  server.name(),
                  server.endpoint(),
                  newBucket(server),
                  server.accessKey(),
                  server.secretKey()));
    }
    new CountDownLatch(1).await();
  }

  private static final class Mock {
    static final S3Server SERVER = start();

    private static S3Server start() {
      int port = LoadBalancers.freePort();
      ConfigurableApplicationContext server =
          new SpringApplicationBuilder(S3MockApplication.class, Loopback.class)
              .run(
                  "--server.address=127.0.0.1",
                  "--server.port=0",
                  "--spring.main.banner-mode=off",
                  "--spring.main.register-shutdown-hook=false",
                  "--logging.level.root=OFF",
                  "--server.shutdown=immediate",
                  "--com.adobe.testing.s3mock.httpPort=" + port,
                  "--com.adobe.testing.s3mock.store.root=" + Scratch.untilExit("s3mock"));
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      return new S3Server(
          "S3Mock", URI.create("http://127.0.0.1:" + port), "us-east-1", ACCESS_KEY, SECRET_KEY);
    }
  }

  /** S3Mock's connector for plain HTTP listens on every address, whatever server.address says. */
  static final class Loopback {
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    public WebServerFactoryCustomizer<TomcatServletWebServerFactory> loopback() {
      return factory -> {
        for (Connector connector : factory.getAdditionalTomcatConnectors()) {
          if (connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol) {
            protocol.setAddress(InetAddress.getLoopbackAddress());
          }
        }
      };
    }
  }

  private static final class Proxy {
    static final S3Server SERVER = start();

    private static S3Server start() {
      Properties properties = new Properties();
      properties.setProperty("jclouds.filesystem.basedir", Scratch.untilExit("s3proxy").toString());
      BlobStoreContext context =
          ContextBuilder.newBuilder("filesystem-nio2")
              .credentials("unused", "unused")
              .overrides(properties)
              .build(BlobStoreContext.class);
      URI endpoint = URI.create("http://127.0.0.1:" + LoadBalancers.freePort());
      try {
        S3Proxy server =
            S3Proxy.builder()
                .blobStore(context.getBlobStore())
                .endpoint(endpoint)
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                .build();
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
        // S3Proxy checks a precondition and then writes; behind this one, writers take turns
        endpoint = FaultProxy.inFrontOf(endpoint).endpoint();
      } catch (Exception e) {
        throw new IllegalStateException("S3Proxy does not start", e);
      }
      return new S3Server("S3Proxy", endpoint, "us-east-1", ACCESS_KEY, SECRET_KEY);
    }

    private static void stop(S3Proxy server) {
      try {
        server.stop();
      } catch (Exception e) {
        throw new IllegalStateException("S3Proxy does not stop", e);
      }
    }
  }
}
