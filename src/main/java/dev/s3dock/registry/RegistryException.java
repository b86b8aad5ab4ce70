package dev.s3dock.registry;

import dev.s3dock.image.Printable;
import dev.s3dock.store.ObjectKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    CORRUPT,
    /** There are more objects than this process has memory for; nothing changed. */
    TOO_MANY
  }

  private final Kind kind;
  private final transient List<String> existing;
  private final String wanted;
  private final transient @Nullable Damage damage;

  /** What is the matter with an object, and what to do about it. */
  private record Damage(ObjectKey object, String problem, String remedy) {}

  private RegistryException(
      Kind kind, String message, String wanted, List<String> existing, @Nullable Damage damage) {
    super(message);
    this.kind = kind;
    this.wanted = wanted;
    this.existing = List.copyOf(existing);
    this.damage = damage;
  }

  /**
   * Something that is not there.
   *
   * @param wanted the name that was looked for
   * @param existing names of the same sort that exist, among which the caller may show near misses
   */
  static RegistryException notFound(String message, String wanted, List<String> existing) {
    return new RegistryException(Kind.NOT_FOUND, message, wanted, existing, null);
  }

  /** Where no other name can have been meant. */
  public static RegistryException notFound(String message) {
    return notFound(message, "", List.of());
  }

  public static RegistryException conflict(String message) {
    return new RegistryException(Kind.CONFLICT, message, "", List.of(), null);
  }

  public static RegistryException tooMany(String message) {
    return new RegistryException(Kind.TOO_MANY, message, "", List.of(), null);
  }

  public static RegistryException corrupt(String message) {
    return new RegistryException(Kind.CORRUPT, message, "", List.of(), null);
  }

  /**
   * An object that does not say what it must.
   *
   * @param problem such as {@code is no JSON}
   * @param remedy what to do about it
   */
  static RegistryException corrupt(ObjectKey object, String problem, String remedy) {
    return new RegistryException(
        Kind.CORRUPT,
        "%s %s; %s".formatted(Printable.of(object.value()), problem, remedy),
        "",
        List.of(),
        new Damage(object, problem, remedy));
  }

  /** What is the matter with this object; the whole message if the failure is of another one. */
  public String problem(ObjectKey object) {
    return damage != null && damage.object().equals(object)
        ? damage.problem()
        : String.valueOf(getMessage());
  }

  /** What to do about the object that is damaged; empty if none is. */
  public String remedy() {
    return damage == null ? "" : damage.remedy();
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
