package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the file says about the deployment of one app in one environment: what is said of the
 * environment before what is said of the app before the default. Its text shows no values.
 */
public final class DeployValues {
  private final String where;
  private final Path folder;
  private final Map<String, Json5.Value> values;

  private DeployValues(String where, Path folder, Map<String, Json5.Value> values) {
    this.where = where;
    this.folder = folder;
    this.values = values;
  }

  /** Empty if the file says nothing about the app. */
  static Optional<DeployValues> of(
      Path file, List<Json5.Value> deploy, AppName app, Environment environment) {
    Map<String, Json5.Value> values = new LinkedHashMap<>();
    boolean known = false;
    for (boolean ofEnvironment : new boolean[] {false, true}) {
      for (Json5.Value value : deploy) {
        if (value.path().size() < 2 || !value.path().get(1).equals(app.value())) {
          continue;
        }
        known = true;
        Optional<String> of = DeployKeys.environment(value.path());
        if (ofEnvironment ? of.equals(Optional.of(environment.value())) : of.isEmpty()) {
          values.put(String.join(".", DeployKeys.below(value.path())), value);
        }
      }
    }
    Path folder = file.toAbsolutePath().getParent();
    return known && folder != null
        ? Optional.of(
            new DeployValues(
                "%s, deploy.%s for %s".formatted(file, app, environment), folder, values))
        : Optional.empty();
  }

  /**
   * The value of a key, or its default.
   *
   * @throws ConfigException if there is neither
   */
  public <T> T get(Key<T> key) {
    return find(key)
        .orElseThrow(
            () ->
                new ConfigException(
                    "%s: the key '%s' is missing (%s)".formatted(where, key, key.about())));
  }

  /** The value of a key, or its default; empty if there is neither. */
  public <T> Optional<T> find(Key<T> key) {
    return key.read(Optional.ofNullable(values.get(key.name())).map(Json5.Value::value));
  }

  /** True if the file says something about a key. */
  public boolean says(Key<?> key) {
    return values.containsKey(key.name());
  }

  /** True if the file says something about keys that begin so. */
  public boolean saysBelow(String start) {
    return values.keySet().stream().anyMatch(name -> name.startsWith(start));
  }

  /** The names of all keys that the file says something about, and that do not begin so. */
  public List<String> namesWithout(String start) {
    return values.entrySet().stream()
        .filter(entry -> entry.getValue().kind() != Json5.Kind.OBJECT)
        .map(Map.Entry::getKey)
        .filter(name -> !name.startsWith(start))
        .sorted()
        .toList();
  }

  /** The items of a list; none if the file has no such list. */
  public List<String> list(Key<?> key) {
    Json5.Value value = values.get(key.name());
    return value == null ? List.of() : value.items();
  }

  /** The values of an object with free names, by name. */
  public Map<String, String> names(Key<?> key) {
    Map<String, String> names = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(key + ".")) {
            names.put(name.substring(key.name().length() + 1), value.value());
          }
        });
    return names;
  }

  /** The name of a file, which is relative to the configuration file. */
  public Optional<Path> file(Key<String> key) {
    return find(key).map(folder::resolve);
  }

  /** Tells values apart; none of them can be read from it. */
  public String fingerprint() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(values)
        .forEach(
            (name, value) ->
                text.append(name)
                    .append('=')
                    .append(value.kind() == Json5.Kind.LIST ? value.items() : value.value())
                    .append('\n'));
    return Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
  }

  /** An error about these values. */
  public ConfigException refused(String what) {
    return new ConfigException(where + ": " + what);
  }

  @Override
  public String toString() {
    return where + values.keySet();
  }
}
