package dev.s3dock.engine.docker.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.engine.docker.api.DockerAddress;
import dev.s3dock.login.DockerLogins;
import dev.s3dock.login.DockerLogins.Login;
import dev.s3dock.login.LoginException;
import java.util.Base64;
import java.util.Map;

/**
 * What {@code docker login} has kept, for a build: the engine's own builder pulls private base
 * images with it, as the docker program sends it along; BuildKit asks the docker program itself.
 */
final class RegistryCredentials {
  static final String HEADER = "X-Registry-Config";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DockerLogins logins;

  RegistryCredentials(Map<String, String> environment) {
    this.logins = new DockerLogins(DockerAddress.configFolder(environment), environment);
  }

  /**
   * What a build sends along; empty if nobody has logged in.
   *
   * @throws EngineException {@code BUILD_FAILED} if the docker program's configuration is no JSON
   */
  Map<String, String> headers() {
    ObjectNode all = JSON.createObjectNode();
    try {
      logins
          .all()
          .forEach(
              (registry, login) -> all.set(registry, fields(login).put("serveraddress", registry)));
    } catch (LoginException e) {
      throw new EngineException(Kind.BUILD_FAILED, String.valueOf(e.getMessage()));
    }
    return all.isEmpty()
        ? Map.of()
        : Map.of(HEADER, Base64.getUrlEncoder().encodeToString(all.toString().getBytes(UTF_8)));
  }

  private static ObjectNode fields(Login login) {
    ObjectNode fields = JSON.createObjectNode();
    return switch (login) {
      case Login.IdentityToken it -> fields.put("identitytoken", it.token());
      case Login.Password it -> fields.put("username", it.user()).put("password", it.password());
    };
  }
}
