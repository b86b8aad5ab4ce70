package dev.s3dock.distribution.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.distribution.client.DistributionException.Kind;
import dev.s3dock.http.Request;
import dev.s3dock.http.Response;
import dev.s3dock.image.FailureWords;
import dev.s3dock.login.DockerLogins.Login;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Gets the header {@code Authorization} for a repository. For several threads. */
final class Authorization {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BYTES = 1 << 20;

  /** What can stand in a header (RFC 6750, 2.1, allows less). */
  private static final Pattern TOKEN = Pattern.compile("[!-~]++");

  private final RegistryReference reference;
  private final Peers peers;
  private final Access access;
  private final String scope;
  private Optional<String> header = Optional.empty();

  /**
   * @param actions {@code pull} or {@code pull,push}
   */
  Authorization(RegistryReference reference, Peers peers, Access access, String actions) {
    this.reference = reference;
    this.peers = peers;
    this.access = access;
    this.scope = "repository:%s:%s".formatted(reference.repository(), actions);
  }

  /** What was found to be wanted; empty before the registry has asked. */
  synchronized Optional<String> header() {
    return header;
  }

  /**
   * Does what the registry asks for.
   *
   * @param refused what was sent when it asked
   * @return false if nothing else can be sent
   */
  synchronized boolean answer(Optional<String> refused, Optional<String> asked) {
    if (!refused.equals(header)) {
      return true; // another thread has got a newer one
    }
    Optional<Challenge> challenge = asked.flatMap(Challenge::parse);
    if (challenge.isEmpty()) {
      return false;
    }
    Optional<String> before = header;
    Optional<Login> login = access.logins().of(reference.logins());
    header = challenge.get().isBasic() ? login.flatMap(this::basic) : token(challenge.get(), login);
    return header.isPresent() && !header.equals(before);
  }

  private Optional<String> basic(Login login) {
    return login instanceof Login.Password password
        ? Optional.of("Basic " + encoded(password))
        : Optional.empty();
  }

  private static String encoded(Login.Password login) {
    return Base64.getEncoder()
        .encodeToString((login.user() + ":" + login.password()).getBytes(UTF_8));
  }

  private Optional<String> token(Challenge challenge, Optional<Login> login) {
    Optional<URI> realm = challenge.parameter("realm").flatMap(Authorization::uri);
    if (realm.isEmpty()) {
      return Optional.empty();
    }
    if (!peers.isSafe(realm.get())) {
      throw new DistributionException(
          Kind.DENIED,
          "%s asks for credentials at %s, where they would be readable by others; nothing was sent there"
              .formatted(reference.name(), realm.get().getHost()));
    }
    Request request =
        login.orElse(null) instanceof Login.IdentityToken identity
            ? refresh(realm.get(), challenge, identity)
            : ask(realm.get(), challenge, login);
    try (Response response = peers.to(realm.get()).send(request);
        var body = response.body()) {
      byte[] content = body.readNBytes(MAX_BYTES);
      if (response.status() == 401 || response.status() == 403) {
        return Optional.empty();
      }
      if (response.status() != 200) {
        throw new DistributionException(
            Kind.UNAVAILABLE,
            "%s gives out no token for %s (HTTP %d); try again"
                .formatted(realm.get().getHost(), reference.name(), response.status()));
      }
      JsonNode answer = JSON.readTree(content);
      String token = answer.path("token").asText(answer.path("access_token").asText());
      return TOKEN.matcher(token).matches() ? Optional.of("Bearer " + token) : Optional.empty();
    } catch (IOException e) {
      throw new DistributionException(
          Kind.UNAVAILABLE,
          "cannot get a token for %s from %s: %s"
              .formatted(reference.name(), realm.get().getHost(), FailureWords.of(e)),
          e);
    }
  }

  private static Optional<URI> uri(String text) {
    try {
      return Optional.of(URI.create(text)).filter(uri -> uri.getHost() != null);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Request ask(URI realm, Challenge challenge, Optional<Login> login) {
    List<String> query = new ArrayList<>();
    challenge.parameter("service").ifPresent(it -> query.add("service=" + encode(it)));
    query.add("scope=" + encode(scope));
    Request request = Request.of("GET", path(realm, String.join("&", query)));
    return login
        .flatMap(this::basic)
        .map(header -> request.header("Authorization", header))
        .orElse(request);
  }

  /** As OAuth2 has it (distribution, {@code docs/spec/auth/oauth.md}). */
  private Request refresh(URI realm, Challenge challenge, Login.IdentityToken identity) {
    String form =
        "grant_type=refresh_token&client_id=s3dock&refresh_token=%s&service=%s&scope=%s"
            .formatted(
                encode(identity.token()),
                encode(challenge.parameter("service").orElse("")),
                encode(scope));
    return Request.of("POST", path(realm, ""))
        .content(form.getBytes(UTF_8), "application/x-www-form-urlencoded");
  }

  private static String path(URI address, String more) {
    String path = Optional.ofNullable(address.getRawPath()).filter(it -> !it.isEmpty()).orElse("/");
    String query =
        address.getRawQuery() == null
            ? more
            : more.isEmpty() ? address.getRawQuery() : address.getRawQuery() + "&" + more;
    return query.isEmpty() ? path : path + "?" + query;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
