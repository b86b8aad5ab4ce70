package dev.s3dock.distribution.client;

import dev.s3dock.image.Digest;
import dev.s3dock.image.InvalidNameException;
import dev.s3dock.image.Printable;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image in a registry, such as {@code registry.example.com:5000/team/myapp:v1} (OCI distribution
 * specification, "Pulling manifests"). The registry is always named: the first part has a dot or a
 * port, or is {@code localhost}.
 *
 * @param registry host and perhaps port, as a user writes it
 * @param repository the path in it
 * @param tag empty if none is named
 * @param digest empty if none is named
 */
public record RegistryReference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
  private static final Pattern FORM =
      Pattern.compile(
          "([A-Za-z0-9.-]+(?::\\d{1,5})?|\\[[0-9A-Fa-f:]+](?::\\d{1,5})?)/(%s(?:/%s)*+)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?"
              .formatted(COMPONENT, COMPONENT));
  private static final Pattern PORT = Pattern.compile(":(\\d{1,5})$");
  private static final int MAX_REPOSITORY = 255;
  private static final int MAX_PORT = 65_535;

  /** What Docker's own registry is called by users, where it is, and what logins call it. */
  private static final String HUB = "docker.io";

  private static final String HUB_HOST = "registry-1.docker.io";
  private static final String HUB_LOGIN = "https://index.docker.io/v1/";

  /** True if a word names an image in a registry, and not one of an app. */
  public static boolean isOne(String word) {
    int slash = word.indexOf('/');
    String first = slash < 0 ? "" : word.substring(0, slash);
    return first.contains(".") || first.contains(":") || first.equals("localhost");
  }

  /**
   * Reads one.
   *
   * @throws InvalidNameException if it has another form
   */
  public static RegistryReference parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!isOne(text) || !matcher.matches() || matcher.group(2).length() > MAX_REPOSITORY) {
      throw new InvalidNameException(
          "'%s' is no image in a registry: write REGISTRY/REPOSITORY[:TAG], such as registry.example.com/team/myapp:v1"
              .formatted(Printable.of(text)));
    }
    RegistryReference reference =
        new RegistryReference(
            matcher.group(1),
            matcher.group(2),
            Optional.ofNullable(matcher.group(3)),
            Optional.ofNullable(matcher.group(4)).map(Digest::parse));
    if (reference.port().filter(port -> port < 1 || port > MAX_PORT).isPresent()) {
      throw new InvalidNameException(
          "'%s' has no port that there can be: 1 to %d".formatted(reference.registry(), MAX_PORT));
    }
    return reference;
  }

  /** The same with this tag. */
  public RegistryReference withTag(String other) {
    return new RegistryReference(registry, repository, Optional.of(other), Optional.empty());
  }

  /** By what a manifest is asked for: the digest, or the tag, or {@code latest}. */
  public String wanted() {
    return digest.map(Digest::toString).or(() -> tag).orElse("latest");
  }

  /** Registry and repository, for messages. */
  public String name() {
    return registry + "/" + repository;
  }

  /** Host name, that of IPv6 without brackets. */
  String host() {
    String host = registry.replaceFirst(":\\d{1,5}$", "").replaceAll("[\\[\\]]", "");
    return host.equals(HUB) ? HUB_HOST : host;
  }

  /** Port; empty for that of the scheme. */
  Optional<Integer> port() {
    Matcher matcher = PORT.matcher(registry);
    return matcher.find() && !registry.endsWith("]")
        ? Optional.of(Integer.valueOf(matcher.group(1)))
        : Optional.empty();
  }

  /** The names by which {@code docker login} may have kept what is needed. */
  List<String> logins() {
    return registry.equals(HUB)
        ? List.of(HUB_LOGIN, HUB)
        : List.of(registry, "https://" + registry, "http://" + registry);
  }

  @Override
  public String toString() {
    return name() + tag.map(it -> ":" + it).orElse("") + digest.map(it -> "@" + it).orElse("");
  }
}
