package dev.s3dock.distribution.server;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How a server listens.
 *
 * @param address port 0 for any that is free
 * @param tls empty for plain HTTP
 * @param users who may ask; empty for all, or for all with a client's certificate
 * @param idle after which a connection is closed on which nothing moves
 * @param grace for transfers that are under way when the server stops
 * @param connections at once; more of them wait
 */
public record ServerSettings(
    InetSocketAddress address,
    Optional<ServerTls> tls,
    Optional<Htpasswd> users,
    Duration idle,
    Duration grace,
    int connections) {
  private static final int MOST_CONNECTIONS = 4096;

  /** The usual limits. */
  public static ServerSettings of(
      InetSocketAddress address, Optional<ServerTls> tls, Optional<Htpasswd> users) {
    return new ServerSettings(
        address, tls, users, Duration.ofSeconds(60), Duration.ofMinutes(5), MOST_CONNECTIONS);
  }

  /** With another time until an idle connection is closed. */
  public ServerSettings withIdle(Duration time) {
    return new ServerSettings(address, tls, users, time, grace, connections);
  }

  /** With another time for transfers that are under way. */
  public ServerSettings withGrace(Duration time) {
    return new ServerSettings(address, tls, users, idle, time, connections);
  }
}
