package dev.s3dock.verify;

import dev.s3dock.registry.RegistryException;
import dev.s3dock.store.ObjectKey;
import java.util.Locale;

/**
 * Something about the bucket that whoever keeps it should know.
 *
 * @param key of the object that it is about, or what the keys start with that it is about
 * @param problem what is the matter, such as {@code is missing while its metadata is there}
 * @param remedy what to do about it; empty where nothing has to be done
 */
public record Finding(Severity severity, String key, String problem, String remedy) {
  /** How bad it is. */
  public enum Severity {
    /** Something does not say what it must, or leads nowhere. */
    DAMAGE,
    /** Nothing needs it: it takes room, and that is all. */
    LEFTOVER,
    /** Good to know. */
    NOTE,
    /** The store would not tell, so nothing is known of it. */
    NOT_CHECKED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Something is damaged. */
  public static Finding damage(ObjectKey key, String problem, String remedy) {
    return new Finding(Severity.DAMAGE, key.value(), problem, remedy);
  }

  /** Something that nothing needs. */
  public static Finding leftover(ObjectKey key, String problem, String remedy) {
    return new Finding(Severity.LEFTOVER, key.value(), problem, "nothing is lost; " + remedy);
  }

  /** Something is worth a word. */
  public static Finding note(ObjectKey key, String problem, String remedy) {
    return new Finding(Severity.NOTE, key.value(), problem, remedy);
  }

  /** Something could not be looked at. */
  public static Finding notChecked(String key, String reason) {
    return new Finding(Severity.NOT_CHECKED, key, reason, "then verify it again");
  }

  /** An object cannot be read as what it must be. */
  public static Finding unreadable(ObjectKey key, RegistryException reason) {
    return damage(key, reason.problem(key), reason.remedy());
  }

  /** A key that s3dock would not have written. */
  static Finding stray(ObjectKey key) {
    return note(key, "is not an object of s3dock, which does not touch it", "");
  }
}
