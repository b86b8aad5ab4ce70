package dev.s3dock.config;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.testing.FuzzTarget;
import dev.s3dock.testing.Scratch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The configuration, and files of variables. */
public final class ConfigFuzz {
  private ConfigFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        FuzzTarget.of("configuration", ConfigException.class, ConfigFuzz::configuration),
        FuzzTarget.of("json5", ConfigException.class, ConfigFuzz::json5),
        FuzzTarget.of("env-file", ConfigException.class, ConfigFuzz::variables));
  }

  private static void json5(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    for (Json5.Value value : Json5.parse(Path.of("s3dock.json5"), text)) {
      require(value.line() > 0, "a value without a line");
      require(!value.path().isEmpty(), "a value without a name");
    }
  }

  private static void configuration(byte[] input) throws Exception {
    try (Scratch scratch = Scratch.open()) {
      Path file = scratch.write("s3dock.json5", input);
      ConfigFile read = ConfigFile.load(Optional.of(file), scratch.folder(), scratch.folder());
      AppName app = new AppName("my-app");
      if (read.deploys(app)) {
        DeployValues values = read.deployment(app, new Environment("production"));
        require(!values.toString().isEmpty(), "no text");
      }
    }
  }

  private static void variables(byte[] input) throws Exception {
    try (Scratch scratch = Scratch.open()) {
      Map<String, String> variables = EnvFile.read(scratch.write("app.env", input), Map.of());
      require(variables.keySet().stream().noneMatch(String::isBlank), "a variable without a name");
    }
  }
}
