package dev.s3dock.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which HTTP proxy the environment names, as curl and the AWS CLI read it: {@code https_proxy} or
 * {@code http_proxy} by the scheme of the address, in small letters or large ones, unless {@code
 * no_proxy} lists its host.
 */
public final class ProxyVariables {
  private ProxyVariables() {}

  /**
   * The proxy on the way to an address; empty if there is none.
   *
   * @throws ConfigException if it is no URL
   */
  public static Optional<URI> proxy(Map<String, String> environment, URI to) {
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    return value(environment, scheme + "_proxy")
        .filter(proxy -> !isExcepted(value(environment, "no_proxy").orElse(""), to))
        .map(ProxyVariables::url);
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /**
   * A name excepts the host and all below it, with or without a dot before it; an address with the
   * length of its prefix, such as {@code 10.0.0.0/8}, all addresses that begin so.
   */
  private static boolean isExcepted(String exceptions, URI to) {
    String host = bare(String.valueOf(to.getHost()).toLowerCase(Locale.ROOT));
    return Arrays.stream(exceptions.toLowerCase(Locale.ROOT).split("[,\\s]+"))
        .map(name -> bare(name.replaceFirst("^\\*?\\.", "")))
        .filter(name -> !name.isEmpty())
        .anyMatch(
            name ->
                name.equals("*")
                    || (host + ":" + to.getPort()).equals(name)
                    || host.equals(name)
                    || host.endsWith("." + name)
                    || isInside(host, name));
  }

  /** Without the brackets of IPv6, and the dot that ends a full name. */
  private static String bare(String host) {
    return host.replaceFirst("^\\[(.*)\\]$", "$1").replaceFirst("\\.$", "");
  }

  private static boolean isInside(String host, String network) {
    int slash = network.indexOf('/');
    if (slash < 0) {
      return false;
    }
    try {
      byte[] address = InetAddress.ofLiteral(host).getAddress();
      byte[] start = InetAddress.ofLiteral(bare(network.substring(0, slash))).getAddress();
      int bits = Integer.parseInt(network.substring(slash + 1));
      int rest = address.length * Byte.SIZE - bits;
      return address.length == start.length
          && bits >= 0
          && rest >= 0
          && new BigInteger(1, address)
              .shiftRight(rest)
              .equals(new BigInteger(1, start).shiftRight(rest));
    } catch (IllegalArgumentException e) {
      return false; // one of them is a name, or nothing at all
    }
  }

  private static URI url(String text) {
    try {
      URI url = URI.create(text.contains("://") ? text : "http://" + text);
      if (url.getHost() != null && "http".equals(url.getScheme())) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // told below; the text may hold a password
    }
    throw new ConfigException(
        "the proxy of HTTPS_PROXY or HTTP_PROXY is not of the form http://host:port");
  }
}
