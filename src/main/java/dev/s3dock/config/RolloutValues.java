package dev.s3dock.config;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import java.util.List;
import java.util.Optional;

/** What the file says about how promotions reach the hosts of an environment. */
public final class RolloutValues {
  private final List<Json5.Value> values;

  private RolloutValues(List<Json5.Value> values) {
    this.values = List.copyOf(values);
  }

  /** Of all that stands in the section, what is said of this environment. */
  static RolloutValues of(List<Json5.Value> all, AppName app, Environment environment) {
    return new RolloutValues(
        all.stream()
            .filter(value -> value.path().size() > 2)
            .filter(value -> value.path().get(1).equals(app.value()))
            .filter(value -> value.path().get(2).equals(environment.value()))
            .toList());
  }

  /** True if anything is said: then a promotion is a rollout. */
  public boolean isSaid() {
    return !values.isEmpty();
  }

  /**
   * The value of a key of {@link RolloutKeys}, or its default; empty if there is neither.
   *
   * @param option what an option says instead; empty if none does
   */
  public <T> Optional<T> get(Key<T> key, Optional<String> option) {
    return key.read(
        option.or(
            () ->
                values.stream()
                    .filter(value -> value.path().size() == 4)
                    .filter(value -> value.path().get(3).equals(key.name()))
                    .map(Json5.Value::value)
                    .findFirst()));
  }
}
