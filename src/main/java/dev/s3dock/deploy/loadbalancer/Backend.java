package dev.s3dock.deploy.loadbalancer;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the containers of one deployment take requests: what a load balancer sends traffic to.
 *
 * @param colour the side they stand on
 * @param servers one for each container, in their order; at least one, and no two the same
 */
public record Backend(Colour colour, List<Server> servers) {
  public Backend {
    servers = List.copyOf(servers);
    if (servers.isEmpty() || new HashSet<>(servers).size() < servers.size()) {
      throw new IllegalArgumentException(servers + " are not one or more different servers");
    }
  }

  /** Of one container. */
  public Backend(Colour colour, String host, int port) {
    this(colour, List.of(new Server(host, port)));
  }

  /**
   * Where one container takes requests.
   *
   * @param host IP address
   * @param port TCP port, 1 to 65535
   */
  public record Server(String host, int port) {
    private static final byte[] WORKERS = {(byte) 0xfd, 's', '3', 'd', 'o', 'c', 'k'};
    private static final String WORKERS_TEXT = "fd73:3364:6f63:6b";
    private static final int ADDRESS_BYTES = 16;

    public Server {
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
    public static Server ofWorker(String container) {
      byte[] address = Arrays.copyOf(sha256(container), ADDRESS_BYTES);
      System.arraycopy(WORKERS, 0, address, 0, WORKERS.length);
      try {
        return new Server(InetAddress.getByAddress(address).getHostAddress(), 1);
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

    private boolean takesTraffic() {
      return port != 1 || !host.startsWith(WORKERS_TEXT);
    }

    /** {@code host:port}, in brackets for IPv6. */
    public String address() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** False if it only stands for containers that take no requests. */
  public boolean takesTraffic() {
    return servers.getFirst().takesTraffic();
  }

  /** True if a server has this address, as {@link Server#address} tells it. */
  public boolean hasServerAt(String address) {
    return servers.stream().anyMatch(server -> server.address().equals(address));
  }

  /** True if both have a server, whatever their colours. */
  public boolean sharesServerWith(Backend other) {
    return servers.stream().anyMatch(other.servers::contains);
  }

  /** True if both have the same servers, whatever their colours and order. */
  public boolean hasSameServersAs(Backend other) {
    return new HashSet<>(servers).equals(new HashSet<>(other.servers));
  }

  /** The addresses of its servers, for a message; several with commas between them. */
  public String address() {
    return servers.stream().map(Server::address).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return takesTraffic() ? colour + " at " + address() : colour.toString();
  }
}
