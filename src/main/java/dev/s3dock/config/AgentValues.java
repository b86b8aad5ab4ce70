package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the file says about the agent of this host. */
public final class AgentValues {
  private final List<Json5.Value> values;

  AgentValues(List<Json5.Value> values) {
    this.values = List.copyOf(values);
  }

  /** The value of a key of {@link AgentKeys}, or its default; empty if there is neither. */
  public <T> Optional<T> find(Key<T> key) {
    return key.read(
        values.stream()
            .filter(value -> value.path().size() == 2 && value.path().get(1).equals(key.name()))
            .map(Json5.Value::value)
            .findFirst());
  }

  /** The value of a key that has a default. */
  public <T> T get(Key<T> key) {
    return find(key).orElseThrow();
  }

  /** When what is live may be replaced; none for always. */
  public List<WeeklyWindow> windows() {
    return values.stream()
        .filter(value -> value.path().size() == 2)
        .filter(value -> value.path().get(1).equals(AgentKeys.WINDOWS.name()))
        .flatMap(value -> value.items().stream())
        .flatMap(text -> WeeklyWindow.parse(text).stream())
        .toList();
  }

  /** What else this host is called. */
  public List<String> labels() {
    return values.stream()
        .filter(value -> value.path().size() == 2)
        .filter(value -> value.path().get(1).equals(AgentKeys.LABELS.name()))
        .flatMap(value -> value.items().stream())
        .distinct()
        .toList();
  }

  /** What this host runs: the environments of each app. */
  public Map<AppName, List<Environment>> apps() {
    Map<AppName, List<Environment>> apps = new TreeMap<>();
    for (Json5.Value value : values) {
      if (value.path().size() == 3) {
        apps.put(
            new AppName(value.path().get(2)),
            value.items().stream().map(Environment::new).distinct().toList());
      }
    }
    return apps;
  }
}
