import com.adobe.testing.s3mock.S3MockApplication;
import java.net.InetAddress;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * S3Mock over a folder as a process of its own, plain HTTP on 127.0.0.1: {@code java -cp
 * TEST-CLASS-PATH S3Server.java PORT FOLDER BUCKET}.
 */
final class S3Server {
  private S3Server() {}

  public static void main(String[] args) {
    new SpringApplicationBuilder(S3MockApplication.class, Loopback.class)
        .run(
            "--server.address=127.0.0.1",
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--logging.level.root=WARN",
            "--com.adobe.testing.s3mock.httpPort=" + args[0],
            "--com.adobe.testing.s3mock.store.root=" + args[1],
            "--com.adobe.testing.s3mock.store.initialBuckets=" + args[2]);
  }

  /** S3Mock's connector for plain HTTP listens on every address, whatever server.address says. */
  public static class Loopback {
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    public WebServerFactoryCustomizer<TomcatServletWebServerFactory> loopback() {
      return factory -> {
        for (Connector connector : factory.getAdditionalTomcatConnectors()) {
          ((AbstractProtocol<?>) connector.getProtocolHandler())
              .setAddress(InetAddress.getLoopbackAddress());
        }
      };
    }
  }
}
