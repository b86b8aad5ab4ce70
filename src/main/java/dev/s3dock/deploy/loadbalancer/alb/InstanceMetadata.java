package dev.s3dock.deploy.loadbalancer.alb;

import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.http.Request;
import dev.s3dock.image.Printable;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the EC2 instance metadata service says of this host, in version 2 alone: a token first, then
 * the question (Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance
 * metadata"). Neither answer changes while an instance runs, so each is asked for once.
 */
public final class InstanceMetadata {
  /** Of every EC2 instance. */
  public static final String ADDRESS = "169.254.169.254:80";

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String TOKEN_SECONDS = "60";
  private static final String REMEDY =
      "without instance metadata set traffic.instance and publish, else see that it allows IMDSv2";

  private final Endpoint service;
  private @Nullable String id;
  private @Nullable String address;

  /**
   * Asks nothing yet.
   *
   * @param service {@code host:port}
   */
  public InstanceMetadata(String service) {
    this.service = new Endpoint(service);
  }

  /**
   * The ID of this instance, such as {@code i-0123456789abcdef0}.
   *
   * @throws LoadBalancerException {@code UNAVAILABLE} if it does not answer, {@code REFUSED} if it
   *     answers otherwise
   */
  public synchronized String instance() {
    String known = id;
    if (known == null) {
      known = ask("instance-id");
      id = known;
    }
    return known;
  }

  /**
   * The primary private IPv4 address of this instance.
   *
   * @throws LoadBalancerException as {@link #instance}
   */
  public synchronized String privateAddress() {
    String known = address;
    if (known == null) {
      known = ask("local-ipv4");
      try {
        InetAddress.ofLiteral(known);
      } catch (IllegalArgumentException e) {
        throw refused("local-ipv4", Printable.of(known));
      }
      address = known;
    }
    return known;
  }

  private String ask(String what) {
    Request request =
        Request.of("GET", "/latest/meta-data/" + what).header("X-aws-ec2-metadata-token", token());
    return answer(request, what);
  }

  private String token() {
    Request request =
        Request.of("PUT", "/latest/api/token")
            .header("X-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS);
    return answer(request, "a token");
  }

  private String answer(Request request, String what) {
    Endpoint.Answer answer =
        service.send(request, PATIENCE, "the EC2 instance metadata service", REMEDY);
    String text = answer.body().strip();
    if (!answer.succeeded() || !text.matches("[\\x21-\\x7e]{1,1024}")) {
      throw refused(what, "status " + answer.status());
    }
    return text;
  }

  private LoadBalancerException refused(String what, String said) {
    return new LoadBalancerException(
        Kind.REFUSED,
        "the EC2 instance metadata service at %s does not tell %s (%s): %s"
            .formatted(service.text(), what, said, REMEDY));
  }
}
