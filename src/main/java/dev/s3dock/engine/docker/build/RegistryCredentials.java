package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.api.DockerAddress;
import dev.s3dock.process.Program;
import dev.s3dock.process.Program.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What {@code docker login} has kept, in {@code config.json} or with a credential helper. The
 * engine's own builder pulls private base images with it, as the docker program sends it along;
 * BuildKit asks the docker program itself.
 */
final class RegistryCredentials {
  static final String HEADER = "X-Registry-Config";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration HELPER_DEADLINE = Duration.ofSeconds(20);

  /** A helper reads the name of the registry from its standard input. */
  private static final String ASK = "printf %s \"$1\" | \"docker-credential-$2\" get";

  private final Map<String, String> environment;

  RegistryCredentials(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * What a build sends along; empty if nobody has logged in.
   *
   * @throws EngineException {@code BUILD_FAILED} if the docker program's configuration is no JSON
   */
  Map<String, String> headers() {
    JsonNode config = config();
    ObjectNode all = JSON.createObjectNode();
    TreeSet<String> registries = new TreeSet<>();
    config.path("auths").fieldNames().forEachRemaining(registries::add);
    config.path("credHelpers").fieldNames().forEachRemaining(registries::add);
    for (String registry : registries) {
      String helper =
          config.path("credHelpers").path(registry).asText(config.path("credsStore").asText());
      (helper.isEmpty() ? kept(config.path("auths").path(registry)) : ask(helper, registry))
          .ifPresent(found -> all.set(registry, found.put("serveraddress", registry)));
    }
    return all.isEmpty()
        ? Map.of()
        : Map.of(HEADER, Base64.getUrlEncoder().encodeToString(all.toString().getBytes(UTF_8)));
  }

  private JsonNode config() {
    Path file = DockerAddress.configFolder(environment).resolve("config.json");
    if (!Files.isRegularFile(file)) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      // what is wrong may be shown with a part of the file, which holds passwords
      throw new EngineException(
          Kind.BUILD_FAILED,
          "cannot read the credentials in %s: correct the file, or log in again with `docker login`"
              .formatted(file));
    }
  }

  private static Optional<ObjectNode> kept(JsonNode entry) {
    ObjectNode found = JSON.createObjectNode();
    String token = entry.path("identitytoken").asText();
    if (!token.isEmpty()) {
      return Optional.of(found.put("identitytoken", token));
    }
    try {
      String pair = new String(Base64.getDecoder().decode(entry.path("auth").asText()), UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(
              found
                  .put("username", pair.substring(0, colon))
                  .put("password", pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the engine says which image it may not pull
    }
  }

  /** A helper that has nothing, or is not there, is passed over, as the docker program does. */
  private Optional<ObjectNode> ask(String helper, String registry) {
    List<String> command = List.of("sh", "-c", ASK, "sh", registry, helper);
    try {
      return new Program(
                          command,
                          Program.Environment.only(environment),
                          Optional.empty(),
                          HELPER_DEADLINE)
                      .run()
                  instanceof Outcome.Ended ended
              && ended.succeeded()
          ? said(ended.output())
          : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(
          Kind.FAILED, "interrupted while waiting for a credential helper", e);
    }
  }

  private static Optional<ObjectNode> said(String output) {
    try {
      JsonNode answer = JSON.readTree(output);
      String user = answer.path("Username").asText();
      String secret = answer.path("Secret").asText();
      ObjectNode found = JSON.createObjectNode();
      return Optional.of(
          user.equals("<token>")
              ? found.put("identitytoken", secret)
              : found.put("username", user).put("password", secret));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
