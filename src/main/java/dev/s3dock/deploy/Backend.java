package dev.s3dock.deploy;

/**
 * Where a container takes requests: what a load balancer sends traffic to.
 *
 * @param colour the side it stands on
 * @param host IP address
 * @param port TCP port, 1 to 65535
 */
public record Backend(Colour colour, String host, int port) {
  /** {@code host:port}, in brackets for IPv6. */
  public String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return colour + " at " + address();
  }
}
