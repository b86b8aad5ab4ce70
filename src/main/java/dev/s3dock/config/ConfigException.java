package dev.s3dock.config;

import java.util.List;

/** The configuration cannot be honoured; the message names the key, the place and the remedy. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String wanted;
  private final transient List<String> existing;
  private final boolean noProfile;

  ConfigException(String message) {
    this(message, "", List.of(), false);
  }

  /** For a key or a profile that is not there, with those that are. */
  ConfigException(String message, String wanted, List<String> existing, boolean noProfile) {
    super(message);
    this.wanted = wanted;
    this.existing = List.copyOf(existing);
    this.noProfile = noProfile;
  }

  /** True if what is missing is a profile that was asked for. */
  public boolean isNoProfile() {
    return noProfile;
  }

  /** The profile or key that does not exist; empty for any other mistake. */
  public String wanted() {
    return wanted;
  }

  /** The names that do exist. */
  public List<String> existing() {
    return existing;
  }
}
