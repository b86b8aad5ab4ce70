package dev.s3dock.deploy.loadbalancer;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Where a container takes requests: what a load balancer sends traffic to.
 *
 * @param colour the side it stands on
 * @param host IP address
 * @param port TCP port, 1 to 65535
 */
public record Backend(Colour colour, String host, int port) {
  private static final byte[] WORKERS = {(byte) 0xfd, 's', '3', 'd', 'o', 'c', 'k'};
  private static final String WORKERS_TEXT = "fd73:3364:6f63:6b";
  private static final int ADDRESS_BYTES = 16;

  public Backend {
    // not a name, which could mean another container tomorrow, and not a short form like 10.1
    if (!InetAddress.ofLiteral(host).getHostAddress().equals(host) && !host.contains(":")) {
      throw new IllegalArgumentException("'%s' is not a complete IP address".formatted(host));
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("%s:%d has an invalid port".formatted(host, port));
    }
  }

  /**
   * What stands for a container that takes no requests, and needs an address of its own all the
   * same: one of a network that is nobody's (RFC 4193), made of the container's name.
   */
  public static Backend ofWorker(Colour colour, String container) {
    byte[] address = Arrays.copyOf(sha256(container), ADDRESS_BYTES);
    System.arraycopy(WORKERS, 0, address, 0, WORKERS.length);
    try {
      return new Backend(colour, InetAddress.getByAddress(address).getHostAddress(), 1);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** False if it only stands for a container that takes no requests. */
  public boolean takesTraffic() {
    return port != 1 || !host.startsWith(WORKERS_TEXT);
  }

  /** {@code host:port}, in brackets for IPv6. */
  public String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return takesTraffic() ? colour + " at " + address() : colour.toString();
  }
}
