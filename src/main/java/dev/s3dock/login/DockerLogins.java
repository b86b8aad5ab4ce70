package dev.s3dock.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;

/**
 * What {@code docker login} has kept, in {@code config.json} or with a credential helper
 * (docker/cli, {@code docs/reference/commandline/login}).
 *
 * @param folder of {@code config.json}
 * @param environment of credential helpers
 */
public record DockerLogins(Path folder, Map<String, String> environment) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration HELPER_DEADLINE = Duration.ofSeconds(20);

  /** A helper reads the name of the registry from its standard input. */
  private static final String ASK = "printf %s \"$1\" | \"docker-credential-$2\" get";

  public DockerLogins {
    environment = Map.copyOf(environment);
  }

  /** Who logs in. */
  public sealed interface Login {
    /** A name and its secret. */
    record Password(String user, String password) implements Login {
      @Override
      public String toString() {
        return user + " with a password";
      }
    }

    /** A token that others are given out for (OAuth2's refresh token). */
    record IdentityToken(String token) implements Login {
      @Override
      public String toString() {
        return "an identity token";
      }
    }
  }

  /**
   * All that is kept, by the name of the registry as it stands there.
   *
   * @throws LoginException if {@code config.json} is no JSON
   */
  public SortedMap<String, Login> all() {
    JsonNode config = config();
    SortedMap<String, Login> all = new TreeMap<>();
    TreeSet<String> registries = new TreeSet<>();
    config.path("auths").fieldNames().forEachRemaining(registries::add);
    config.path("credHelpers").fieldNames().forEachRemaining(registries::add);
    for (String registry : registries) {
      find(config, registry).ifPresent(login -> all.put(registry, login));
    }
    return all;
  }

  /**
   * What is kept for a registry; empty if nobody has logged in.
   *
   * @param names under which it may stand, such as {@code registry.example.com:5000}
   * @throws LoginException if {@code config.json} is no JSON
   */
  public Optional<Login> of(List<String> names) {
    JsonNode config = config();
    return names.stream().flatMap(name -> find(config, name).stream()).findFirst();
  }

  private Optional<Login> find(JsonNode config, String registry) {
    String helper =
        config.path("credHelpers").path(registry).asText(config.path("credsStore").asText());
    return helper.isEmpty() ? kept(config.path("auths").path(registry)) : ask(helper, registry);
  }

  private JsonNode config() {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      // what is wrong may be shown with a part of the file, which holds passwords
      throw new LoginException(
          "cannot read the credentials in %s: correct the file, or log in again with `docker login`"
              .formatted(file));
    }
  }

  private static Optional<Login> kept(JsonNode entry) {
    String token = entry.path("identitytoken").asText();
    if (!token.isEmpty()) {
      return Optional.of(new Login.IdentityToken(token));
    }
    try {
      String pair = new String(Base64.getDecoder().decode(entry.path("auth").asText()), UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(new Login.Password(pair.substring(0, colon), pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the registry says what it does not hand out
    }
  }

  /** A helper that has nothing, or is not there, is passed over, as the docker program does. */
  private Optional<Login> ask(String helper, String registry) {
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
      throw new CancellationException("interrupted while waiting for a credential helper");
    }
  }

  private static Optional<Login> said(String output) {
    try {
      JsonNode answer = JSON.readTree(output);
      String user = answer.path("Username").asText();
      String secret = answer.path("Secret").asText();
      return Optional.of(
          user.equals("<token>")
              ? new Login.IdentityToken(secret)
              : new Login.Password(user, secret));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
