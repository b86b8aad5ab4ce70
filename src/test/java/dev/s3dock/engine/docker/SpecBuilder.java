package dev.s3dock.engine.docker;

import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Options;
import dev.s3dock.engine.ContainerSpec.Publication;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A specification of which a test says only what matters to it. */
final class SpecBuilder {
  private final String name;
  private final String image;
  private final Map<String, String> labels = new HashMap<>();
  private final Map<String, String> env = new HashMap<>();
  private List<String> args = List.of();
  List<String> volumes = List.of();
  List<String> networks = List.of();
  OptionalLong memory = OptionalLong.empty();
  OptionalDouble cpus = OptionalDouble.empty();
  Optional<String> user = Optional.empty();
  private String restart = "no";
  boolean readOnly;
  List<String> capDrop = List.of();
  Optional<String> logDriver = Optional.empty();
  Map<String, String> logOptions = Map.of();
  private Optional<String> stopSignal = Optional.empty();
  private Optional<Publication> publication = Optional.empty();

  SpecBuilder(String name, String image) {
    this.name = name;
    this.image = image;
  }

  SpecBuilder label(String key, String value) {
    labels.put(key, value);
    return this;
  }

  SpecBuilder env(String key, String value) {
    env.put(key, value);
    return this;
  }

  SpecBuilder args(String... words) {
    args = List.of(words);
    return this;
  }

  /** What a shell is to do. */
  SpecBuilder script(String script) {
    return args("sh", "-c", script);
  }

  SpecBuilder restart(String policy) {
    restart = policy;
    return this;
  }

  SpecBuilder stopSignal(String signal) {
    stopSignal = Optional.of(signal);
    return this;
  }

  SpecBuilder publish(int hostPort, int containerPort) {
    publication = Optional.of(new Publication("127.0.0.1", hostPort, containerPort));
    return this;
  }

  /** For what only one test needs. */
  SpecBuilder tap(Consumer<SpecBuilder> setting) {
    setting.accept(this);
    return this;
  }

  ContainerSpec build() {
    Options options =
        new Options(
            env,
            args,
            volumes,
            networks,
            memory,
            cpus,
            user,
            restart,
            readOnly,
            capDrop,
            logDriver,
            logOptions,
            stopSignal);
    return new ContainerSpec(name, image, labels, options, publication);
  }
}
