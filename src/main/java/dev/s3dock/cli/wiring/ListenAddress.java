package dev.s3dock.cli.wiring;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.image.Printable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a server listens, as users write it. */
public final class ListenAddress {
  private static final Pattern FORM =
      Pattern.compile("(?:(?:\\[([0-9A-Fa-f:.]+)\\]|([A-Za-z0-9.-]+)):)?(\\d{1,5})");
  private static final int LAST_PORT = 65_535;

  private ListenAddress() {}

  /**
   * Reads {@code 127.0.0.1:5000}, {@code [::1]:5000}, a name and a port, or a port of 127.0.0.1.
   *
   * @param option that the text stands in, for the message
   * @throws UsageException if it is none of these, or the name has no address
   */
  public static InetSocketAddress parse(String option, String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > LAST_PORT) {
      throw new UsageException(
          "%s must be an address and a port, such as 127.0.0.1:5000 or [::1]:5000, not '%s'"
              .formatted(option, Printable.of(text)));
    }
    String host =
        matcher.group(1) != null
            ? matcher.group(1)
            : matcher.group(2) == null ? "127.0.0.1" : matcher.group(2);
    try {
      return new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(matcher.group(3)));
    } catch (UnknownHostException e) {
      throw new UsageException("%s: %s is no address of this machine".formatted(option, host));
    }
  }
}
