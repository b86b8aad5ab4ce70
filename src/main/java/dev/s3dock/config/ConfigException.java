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

  private ConfigException(
      String message, String wanted, List<String> existing, boolean noProfile) {
    super(message);
    this.noProfile = noProfile;
    this.wanted = wanted;
    this.existing = List.copyOf(existing);
  }

  /** For a key that is not known, with those that are. */
  static ConfigException unknownKey(String message, String wanted, List<String> known) {
    return new ConfigException(message, wanted, known, false);
  }

  /** For a profile that is not there, with those that are. */
  static ConfigException noProfile(String message, String wanted, List<String> existing) {
    return new ConfigException(message, wanted, existing, true);
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
