package dev.s3dock.distribution.client;

import dev.s3dock.http.HttpPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Connections to a registry, and to where it sends its clients. */
final class Peers implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int MAX_PORT = 65_535;

  private final Access access;
  private final Map<URI, HttpPeer> peers = new HashMap<>();

  Peers(Access access) {
    this.access = access;
  }

  /** The registry's own address: TLS, but for this machine, or where the user wants none. */
  URI origin(RegistryReference reference) {
    String scheme = access.plainHttp() || isLoopback(reference.host()) ? "http" : "https";
    String host = reference.host().contains(":") ? "[" + reference.host() + "]" : reference.host();
    return URI.create(
        "%s://%s:%d"
            .formatted(
                scheme, host, reference.port().orElse(scheme.equals("http") ? HTTP : HTTPS)));
  }

  private static boolean isLoopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    try { // a name is not looked up: what it leads to may change
      return host.matches("[0-9.]+|[0-9A-Fa-f:]+:[0-9A-Fa-f:]*")
          && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Scheme, host and port of an address. */
  static URI origin(URI address) {
    int port = address.getPort() >= 0 ? address.getPort() : isPlain(address) ? HTTP : HTTPS;
    return URI.create("%s://%s:%d".formatted(address.getScheme(), address.getHost(), port));
  }

  private static boolean isPlain(URI address) {
    return "http".equals(address.getScheme());
  }

  /** True if it is one of HTTP, with or without TLS. */
  static boolean isWeb(URI address) {
    return address.getHost() != null
        && address.getPort() <= MAX_PORT
        && (isPlain(address) || "https".equals(address.getScheme()));
  }

  /** True if secrets, and what they open, may be sent there. */
  boolean isSafe(URI address) {
    return isWeb(address)
        && (!isPlain(address) || access.plainHttp() || isLoopback(bare(address.getHost())));
  }

  private static String bare(String host) {
    return host.replaceAll("^\\[|]$", "");
  }

  synchronized HttpPeer to(URI address) {
    return peers.computeIfAbsent(
        origin(address), origin -> isPlain(origin) ? plain(origin) : encrypted(origin));
  }

  private HttpPeer plain(URI origin) {
    return HttpPeer.ofTcp(
        bare(origin.getHost()), origin.getPort(), CONNECT, access.idle(), Optional.empty());
  }

  private HttpPeer encrypted(URI origin) {
    String host = bare(origin.getHost());
    SSLContext tls = access.routes().tls(origin);
    return access
        .routes()
        .proxy()
        .apply(origin)
        .map(it -> HttpPeer.through(it, host, origin.getPort(), CONNECT, access.idle(), tls))
        .orElseGet(
            () -> HttpPeer.ofTcp(host, origin.getPort(), CONNECT, access.idle(), Optional.of(tls)));
  }

  @Override
  public synchronized void close() {
    for (HttpPeer peer : peers.values()) {
      try {
        peer.close();
      } catch (IOException e) {
        // nothing is on its way any more
      }
    }
  }
}
