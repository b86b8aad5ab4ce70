package dev.s3dock.engine.docker.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.image.Digest;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the engine listens. Found in the same order as the docker program does it: {@code
 * DOCKER_HOST}, {@code DOCKER_CONTEXT}, the {@code currentContext} of its config file, the default
 * socket.
 *
 * @param host as in {@code DOCKER_HOST}, such as {@code unix:///var/run/docker.sock}
 * @param certificates folder with {@code ca.pem}, {@code cert.pem} and {@code key.pem}, if TLS is
 *     used
 */
public record DockerAddress(String host, Optional<Path> certificates) {
  static final String DEFAULT_HOST = "unix:///var/run/docker.sock";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws EngineException {@code UNAVAILABLE} if the context does not exist
   */
  public static DockerAddress find(Map<String, String> environment) {
    Path config = configFolder(environment);
    Optional<String> host = setting(environment, "DOCKER_HOST");
    if (host.isPresent()) {
      return new DockerAddress(host.get(), certificates(environment, config));
    }
    String context =
        setting(environment, "DOCKER_CONTEXT").or(() -> currentContext(config)).orElse("default");
    return context.equals("default")
        ? new DockerAddress(DEFAULT_HOST, certificates(environment, config))
        : ofContext(context, config);
  }

  private static Optional<String> setting(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** Where the docker program keeps its configuration: {@code DOCKER_CONFIG}, or ~/.docker. */
  public static Path configFolder(Map<String, String> environment) {
    return setting(environment, "DOCKER_CONFIG")
        .map(Path::of)
        .orElseGet(
            () ->
                Path.of(
                    setting(environment, "HOME").orElse(System.getProperty("user.home")),
                    ".docker"));
  }

  private static Optional<Path> certificates(Map<String, String> environment, Path config) {
    return setting(environment, "DOCKER_TLS_VERIFY")
        .map(_ -> setting(environment, "DOCKER_CERT_PATH").map(Path::of).orElse(config));
  }

  private static Optional<String> currentContext(Path config) {
    Path file = config.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    String name = read(file).path("currentContext").asText();
    return Optional.of(name).filter(value -> !value.isEmpty());
  }

  /** Layout of the context store: docker/cli, cli/context/store. */
  private static DockerAddress ofContext(String name, Path config) {
    String id = Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex();
    Path meta = config.resolve("contexts/meta").resolve(id).resolve("meta.json");
    if (!Files.isRegularFile(meta)) {
      throw new EngineException(
          Kind.UNAVAILABLE,
          "there is no docker context '%s' in %s: see `docker context ls`, or set DOCKER_HOST"
              .formatted(name, config));
    }
    String host = read(meta).path("Endpoints").path("docker").path("Host").asText();
    Path certificates = config.resolve("contexts/tls").resolve(id).resolve("docker");
    return new DockerAddress(
        host.isEmpty() ? DEFAULT_HOST : host, Optional.of(certificates).filter(Files::isDirectory));
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new EngineException(
          Kind.UNAVAILABLE,
          "cannot read %s (%s): correct it, or set DOCKER_HOST".formatted(file, FailureWords.of(e)),
          e);
    }
  }

  /**
   * In the form that the transport takes.
   *
   * @throws EngineException {@code UNAVAILABLE} if there is no way to talk to such an address
   */
  URI uri() {
    int scheme = host.indexOf("://");
    String rest = scheme < 0 ? "" : host.substring(scheme + 3);
    try {
      return switch (scheme < 0 ? "" : host.substring(0, scheme)) {
        case "unix" -> new URI("unix", null, rest, null);
        case "npipe" -> new URI(host);
        case "tcp", "http", "https" -> tcp(new URI("tcp://" + rest));
        default -> throw unsupported(null);
      };
    } catch (URISyntaxException e) {
      throw unsupported(e);
    }
  }

  private URI tcp(URI given) throws URISyntaxException {
    if (given.getHost() == null) {
      throw unsupported(null);
    }
    int port = given.getPort() > 0 ? given.getPort() : certificates.isPresent() ? 2376 : 2375;
    return new URI("tcp", null, given.getHost(), port, given.getPath(), null, null);
  }

  private EngineException unsupported(@org.jspecify.annotations.Nullable Exception cause) {
    String remedy =
        host.startsWith("ssh:")
            ? "forward its socket with `ssh -L /tmp/docker.sock:/var/run/docker.sock HOST` and use unix:///tmp/docker.sock"
            : "use unix:///path, npipe:////./pipe/name or tcp://host:port";
    return new EngineException(
        Kind.UNAVAILABLE,
        "cannot use the engine's address '%s': %s".formatted(this, remedy),
        cause);
  }

  /** Makes the docker program talk to this very engine. */
  public void applyTo(Map<String, String> environment) {
    environment.remove("DOCKER_CONTEXT");
    environment.remove("DOCKER_TLS_VERIFY");
    environment.put("DOCKER_HOST", host);
    certificates.ifPresent(
        folder -> {
          environment.put("DOCKER_TLS_VERIFY", "1");
          environment.put("DOCKER_CERT_PATH", folder.toString());
        });
  }

  @Override
  public String toString() {
    return Printable.address(host);
  }
}
