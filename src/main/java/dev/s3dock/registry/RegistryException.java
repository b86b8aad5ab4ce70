package dev.s3dock.registry;

import java.util.List;

/** A rule of the registry says no. The message names the object and the remedy. */
public final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of no. */
  public enum Kind {
    /** No such image, version, environment or app. */
    NOT_FOUND,
    /** Somebody else was first, or the present state is not the expected one; nothing changed. */
    CONFLICT,
    /** An object of the bucket does not say what it must. */
    CORRUPT
  }

  private final Kind kind;
  private final transient List<String> existing;
  private final String wanted;

  private RegistryException(Kind kind, String message, String wanted, List<String> existing) {
    super(message);
    this.kind = kind;
    this.wanted = wanted;
    this.existing = List.copyOf(existing);
  }

  /**
   * Something that is not there.
   *
   * @param wanted the name that was looked for
   * @param existing names of the same sort that exist, among which the caller may show near misses
   */
  static RegistryException notFound(String message, String wanted, List<String> existing) {
    return new RegistryException(Kind.NOT_FOUND, message, wanted, existing);
  }

  public static RegistryException conflict(String message) {
    return new RegistryException(Kind.CONFLICT, message, "", List.of());
  }

  public static RegistryException corrupt(String message) {
    return new RegistryException(Kind.CORRUPT, message, "", List.of());
  }

  public Kind kind() {
    return kind;
  }

  /** The name that was looked for; empty unless {@link Kind#NOT_FOUND}. */
  public String wanted() {
    return wanted;
  }

  /** Names of the same sort that do exist. */
  public List<String> existing() {
    return existing;
  }
}
