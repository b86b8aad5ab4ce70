package dev.s3dock.config;

import java.util.Optional;

/**
 * A key of the file, declared once: its name, how its value is read, what holds where the file says
 * nothing, and what it is about.
 *
 * @param name dotted, below the part of the file that it belongs to
 * @param parser of the value; of a list or an object, of each of its values
 * @param standard what holds where the file says nothing; empty for nothing
 * @param about what it is about, for people, in brackets behind its name or value
 */
public record Key<T>(
    String name, Form form, Parser<T> parser, Optional<String> standard, String about) {
  /** What stands in the file. */
  enum Form {
    /** One value. */
    SINGLE,
    /** One text in quotes; it may be a secret. */
    QUOTED,
    /** A list, such as the words of a command. */
    LIST,
    /** An object whose names are free, such as variables. */
    NAMES
  }

  /** What the value must be. */
  public String words() {
    return switch (form) {
      case SINGLE, QUOTED -> parser.words();
      case LIST -> "a list such as [\"one\", \"two\"]";
      case NAMES -> "an object such as { NAME: \"value\" }";
    };
  }

  /**
   * What the file says, or else the default; empty if there is neither.
   *
   * @param said has been checked
   */
  Optional<T> read(Optional<String> said) {
    return said.or(() -> standard).flatMap(parser.read());
  }

  /** Whether the value, or one with a free name below the key, can be honoured. */
  boolean accepts(Json5.Value value, boolean below) {
    return switch (form) {
      case SINGLE -> value.isSingle() && parser.read().apply(value.value()).isPresent();
      case QUOTED ->
          value.kind() == Json5.Kind.TEXT && parser.read().apply(value.value()).isPresent();
      case LIST -> value.kind() == Json5.Kind.LIST && !value.items().isEmpty();
      case NAMES -> below ? value.isSingle() : value.kind() == Json5.Kind.OBJECT;
    };
  }

  @Override
  public String toString() {
    return name;
  }
}
