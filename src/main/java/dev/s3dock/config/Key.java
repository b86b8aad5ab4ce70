package dev.s3dock.config;

import java.util.Optional;

/**
 * A key of the file, declared once: its name, how its value is read, what holds where the file says
 * nothing, and what it is about.
 *
 * @param <T> what its value is read as; of a list or an object, each of its values
 */
public final class Key<T> {
  private final String name;
  private final Form form;
  private final Parser<T> parser;
  private final Optional<String> standard;
  private final String about;

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

  Key(String name, Form form, Parser<T> parser, Optional<String> standard, String about) {
    this.name = name;
    this.form = form;
    this.parser = parser;
    this.standard = standard;
    this.about = about;
  }

  /** Dotted, below the part of the file that it belongs to. */
  public String name() {
    return name;
  }

  /** What it is about, for people, as the end of a sentence about the key. */
  public String about() {
    return about;
  }

  /** What holds where the file says nothing; empty for nothing. */
  Optional<String> standard() {
    return standard;
  }

  Form form() {
    return form;
  }

  /** What the value must be. */
  String words() {
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
