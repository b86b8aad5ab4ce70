package dev.s3dock.deploy.loadbalancer;

import java.net.InetAddress;

/**
 * Where a container takes requests: what a load balancer sends traffic to.
 *
 * @param colour the side it stands on
 * @param host IP address
 * @param port TCP port, 1 to 65535
 */
public record Backend(Colour colour, String host, int port) {
  public Backend {
    // not a name, which could mean another container tomorrow, and not a short form like 10.1
    if (!InetAddress.ofLiteral(host).getHostAddress().equals(host) && !host.contains(":")) {
      throw new IllegalArgumentException("'%s' is not a complete IP address".formatted(host));
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("%s:%d has an invalid port".formatted(host, port));
    }
  }

  /** {@code host:port}, in brackets for IPv6. */
  public String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return colour + " at " + address();
  }
}
