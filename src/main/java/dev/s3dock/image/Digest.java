package dev.s3dock.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A SHA-256 content digest as the OCI image specification writes it (descriptor.md, "Digests"):
 * {@code sha256:} and 64 lower-case hex digits.
 *
 * @param hex the 64 digits
 * @throws InvalidNameException if these are not 64 lower-case hex digits
 */
public record Digest(String hex) implements Comparable<Digest> {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
  private static final String PREFIX = "sha256:";

  public Digest {
    if (!FORM.matcher(hex).matches()) {
      throw new InvalidNameException("malformed sha256 digest '%s'".formatted(Printable.of(hex)));
    }
  }

  /** Reads {@code sha256:…}. */
  public static Digest parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new InvalidNameException(
          "malformed digest '%s': only sha256 is supported".formatted(Printable.of(text)));
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] content) {
    return finish(start().digest(content));
  }

  /** What the hasher has seen so far; the hasher starts anew. */
  public static Digest of(MessageDigest sha256) {
    return finish(sha256.digest());
  }

  /** A hasher for {@link #of(MessageDigest)}. */
  public static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Digest finish(byte[] hash) {
    return new Digest(HexFormat.of().formatHex(hash));
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
