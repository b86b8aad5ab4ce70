package dev.s3dock.config;

import dev.s3dock.image.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The keys of one part of the file, in the order of their declaration. */
final class Keys {
  private final String form;
  private final Map<String, Key<?>> keys = new LinkedHashMap<>();

  /**
   * None yet.
   *
   * @param form how a message names them, with {@code %s} for their names
   */
  Keys(String form) {
    this.form = form;
  }

  Key<String> text(String name, String about) {
    return one(name, Parser.TEXT, about);
  }

  Key<Duration> duration(String name, String standard, String about) {
    return one(name, Parser.DURATION, standard, about);
  }

  /** A key that is false where the file says nothing. */
  Key<Boolean> yesNo(String name, String about) {
    return one(name, Parser.YES_NO, "false", about);
  }

  /** A key whose default, if it has one, is told by {@code about}. */
  <T> Key<T> one(String name, Parser<T> parser, String about) {
    return add(new Key<>(name, Key.Form.SINGLE, parser, Optional.empty(), about));
  }

  <T> Key<T> one(String name, Parser<T> parser, String standard, String about) {
    return add(new Key<>(name, Key.Form.SINGLE, parser, Optional.of(standard), about));
  }

  Key<String> quoted(String name, Parser<String> parser, String about) {
    return add(new Key<>(name, Key.Form.QUOTED, parser, Optional.empty(), about));
  }

  Key<String> list(String name, String about) {
    return add(new Key<>(name, Key.Form.LIST, Parser.TEXT, Optional.empty(), about));
  }

  Key<String> names(String name, String about) {
    return add(new Key<>(name, Key.Form.NAMES, Parser.TEXT, Optional.empty(), about));
  }

  private <T> Key<T> add(Key<T> key) {
    if (keys.putIfAbsent(key.name(), key) != null) {
      throw new IllegalStateException("two keys are called " + key);
    }
    return key;
  }

  Key<?> named(String name) {
    Key<?> key = keys.get(name);
    if (key == null) {
      throw new IllegalArgumentException("no key " + name);
    }
    return key;
  }

  Collection<Key<?>> all() {
    return keys.values();
  }

  /**
   * Checks one value.
   *
   * @param below its path below this part of the file; empty for the object that holds the keys
   * @throws ConfigException that names the key and the line, if the key is unknown or the value
   *     cannot be honoured
   */
  void check(Path file, Json5.Value value, List<String> below) {
    String name = String.join(".", below);
    Key<?> key = keys.get(name);
    boolean belowKey = key == null && below.size() > 1;
    if (belowKey) {
      key = keys.get(String.join(".", below.subList(0, below.size() - 1)));
      key = key != null && key.form() == Key.Form.NAMES ? key : null;
    }
    if (key == null && (below.isEmpty() || has(known -> known.startsWith(name + ".")))) {
      if (value.kind() != Json5.Kind.OBJECT) {
        throw Json5.at(file, value.line(), "'" + value.key() + "' must be an object: { … }");
      }
    } else if (key == null) {
      throw unknown(file, value, below);
    } else if (!key.accepts(value, belowKey)) {
      throw Json5.at(
          file,
          value.line(),
          "'%s' cannot be %s; it must be %s (%s)"
              .formatted(value.key(), shown(value, key), key.words(), key.about()));
    }
  }

  private boolean has(Predicate<String> which) {
    return keys.keySet().stream().anyMatch(which);
  }

  /** Secrets and values of variables are not shown. */
  private static String shown(Json5.Value value, Key<?> key) {
    return value.isSingle() && key.form() == Key.Form.SINGLE && !key.name().startsWith("run.")
        ? "\"" + Printable.of(value.value()) + "\""
        : "this";
  }

  private ConfigException unknown(Path file, Json5.Value value, List<String> below) {
    String section = below.size() > 1 ? below.getFirst() + "." : "";
    String start = has(known -> known.startsWith(section)) ? section : "";
    List<String> names =
        keys.keySet().stream().filter(known -> known.startsWith(start)).sorted().toList();
    return new ConfigException(
        "%s, line %d: unknown key '%s'; known are %s"
            .formatted(
                file,
                value.line(),
                Printable.of(value.key()),
                form.formatted(String.join(", ", names))),
        String.join(".", below),
        names,
        false);
  }
}
