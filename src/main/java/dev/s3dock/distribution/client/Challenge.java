package dev.s3dock.distribution.client;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry wants to see before it hands out anything: the header {@code WWW-Authenticate}
 * (RFC 9110, 11.6.1; distribution, {@code docs/spec/auth/token.md}).
 *
 * @param scheme {@code basic} or {@code bearer}
 */
record Challenge(String scheme, Map<String, String> parameters) {
  /** A longer header is none: what registries send has a few hundred. */
  private static final int MOST_CHARACTERS = 8 << 10;

  private static final Pattern SCHEME = Pattern.compile("\\s*([A-Za-z]+)(?:\\s+(.*))?");
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z_]++)\\s*+=\\s*+(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]++))");

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  static Optional<Challenge> parse(String header) {
    Matcher scheme = SCHEME.matcher(header);
    if (header.length() > MOST_CHARACTERS || !scheme.matches()) {
      return Optional.empty();
    }
    Map<String, String> parameters = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(scheme.group(2) == null ? "" : scheme.group(2));
    while (matcher.find()) {
      String value = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
      parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), value.replaceAll("\\\\(.)", "$1"));
    }
    return Optional.of(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
  }

  boolean isBasic() {
    return scheme.equals("basic");
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }
}
