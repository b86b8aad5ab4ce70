package dev.s3dock.distribution;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the path of a request asks for (distribution-spec, "Endpoints"). Names are as they were
 * sent, and may be none.
 */
public sealed interface ProtocolPath {
  /** Is this a registry? */
  record Base() implements ProtocolPath {}

  /** A manifest, by tag or digest. */
  record Manifest(String repository, String reference) implements ProtocolPath {}

  /** A config or a layer. */
  record Blob(String repository, String digest) implements ProtocolPath {}

  /** The tags of a repository. */
  record Tags(String repository) implements ProtocolPath {}

  /** What refers to a manifest. */
  record Referrers(String repository, String digest) implements ProtocolPath {}

  /** The repositories. */
  record Catalog() implements ProtocolPath {}

  /** None of these. */
  record Unknown() implements ProtocolPath {}

  /** Two of the longest names that there are, and a digest: longer paths lead nowhere. */
  int LONGEST_PATH = 1024;

  Pattern OF_REPOSITORY =
      Pattern.compile("/v2/(.+)/(?:(manifests|blobs|referrers)/([^/]+)|(tags)/list)");

  /**
   * Reads a path as it was sent. The only character of it that is ever escaped is the colon of a
   * digest; whatever else is, is part of no name.
   */
  static ProtocolPath of(String path) {
    if (path.length() > LONGEST_PATH) {
      return new Unknown();
    }
    if (path.equals("/v2/") || path.equals("/v2")) {
      return new Base();
    }
    if (path.equals("/v2/_catalog")) {
      return new Catalog();
    }
    Matcher matcher = OF_REPOSITORY.matcher(path);
    if (!matcher.matches()) {
      return new Unknown();
    }
    String repository = matcher.group(1);
    if (matcher.group(4) != null) {
      return new Tags(repository);
    }
    String last = matcher.group(3).replaceFirst("%3[Aa]", ":");
    return switch (matcher.group(2)) {
      case "manifests" -> new Manifest(repository, last);
      case "blobs" -> new Blob(repository, last);
      default -> new Referrers(repository, last);
    };
  }
}
