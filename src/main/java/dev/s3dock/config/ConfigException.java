package dev.s3dock.config;

import java.util.List;

/** The configuration cannot be honoured; the message names the key, the place and the remedy. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String wanted;
  private final transient List<String> existing;

  ConfigException(String message) {
    this(message, "", List.of());
  }

  /** For a name that is not there, with the names of its sort that are. */
  ConfigException(String message, String wanted, List<String> existing) {
    super(message);
    this.wanted = wanted;
    this.existing = List.copyOf(existing);
  }

  /** The profile that does not exist; empty for any other mistake. */
  public String wanted() {
    return wanted;
  }

  /** The names that do exist. */
  public List<String> existing() {
    return existing;
  }
}
