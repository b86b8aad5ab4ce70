package dev.s3dock.image;

import java.util.regex.Pattern;

/**
 * Operating system and processor an image runs on, in the words of the OCI image index ({@code
 * linux}, {@code amd64}; variant {@code v7} or empty).
 *
 * @throws InvalidNameException if a part has characters other than letters, digits and {@code . _}
 */
public record Platform(String os, String architecture, String variant) {
  private static final Pattern PART = Pattern.compile("[a-z0-9][a-z0-9._]{0,31}");

  public Platform {
    if (!PART.matcher(os).matches()
        || !PART.matcher(architecture).matches()
        || !(variant.isEmpty() || PART.matcher(variant).matches())) {
      throw malformed(os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant));
    }
    if (architecture.equals("arm64") && variant.equals("v8")) {
      variant = ""; // arm64 has the one variant: containerd drops it too (platforms.Normalize)
    }
  }

  /** Reads {@code os/arch} or {@code os/arch/variant}. */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw malformed(text);
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  /** As part of an object's name: {@code linux-amd64}, {@code linux-arm-v7}. */
  public String suffix() {
    return toString().replace('/', '-');
  }

  private static InvalidNameException malformed(String text) {
    return new InvalidNameException(
        "malformed platform '%s': use os/arch, such as linux/amd64".formatted(Printable.of(text)));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
