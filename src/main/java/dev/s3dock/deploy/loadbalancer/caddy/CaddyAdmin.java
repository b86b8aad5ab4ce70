package dev.s3dock.deploy.loadbalancer.caddy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.deploy.loadbalancer.Endpoint;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.http.Request;
import dev.s3dock.image.Printable;

/** Caddy's admin API (caddyserver.com/docs/api), as far as it is needed here. */
final class CaddyAdmin {
  static final int TRIES = 3;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final CaddySettings settings;
  private final Endpoint endpoint;

  CaddyAdmin(CaddySettings settings) {
    this.settings = settings;
    this.endpoint = new Endpoint(settings.admin());
  }

  @Override
  public String toString() {
    return "Caddy at " + endpoint.text();
  }

  /**
   * A part of the configuration.
   *
   * @param etag to change just this state; empty if this version of Caddy has none
   */
  record Part(ObjectNode value, String etag) {}

  /** The handler of the app. */
  Part handler() {
    String path = "/id/" + settings.id();
    Endpoint.Answer answer = get(path);
    if (answer.status() == 404) {
      throw refused(
          "%s has nothing with the @id \"%s\" in its configuration (%s): add it to the reverse_proxy handler of the app"
              .formatted(this, settings.id(), said(answer)));
    }
    if (!(json(required("GET", path, answer)) instanceof ObjectNode handler)
        || !handler.path("handler").asText().equals("reverse_proxy")) {
      throw refused(
          "%s: the @id \"%s\" is not on a reverse_proxy handler: move it there"
              .formatted(this, settings.id()));
    }
    return new Part(handler, answer.etag());
  }

  /**
   * Replaces the handler; Caddy takes all of the new configuration or none.
   *
   * @return false if it may not have done so: read it again. Either somebody has changed it since
   *     it was read, or the connection was cut off
   */
  boolean replaceHandler(Part part) {
    String path = "/id/" + settings.id();
    Request change = Request.of("PATCH", path).json(part.value().toString());
    try {
      Endpoint.Answer answer =
          send(part.etag().isEmpty() ? change : change.header("If-Match", part.etag()));
      if (answer.status() == 412) {
        return false;
      }
      required("PATCH", path, answer);
      return true;
    } catch (LoadBalancerException e) {
      if (Endpoint.wasCutOff(e)) {
        return false;
      }
      throw e;
    }
  }

  /** The whole configuration. */
  JsonNode configuration() {
    return json(required("GET", "/config/", get("/config/")));
  }

  /** What Caddy knows of its upstreams; nothing if this version does not tell. */
  JsonNode upstreams() {
    Endpoint.Answer answer = get("/reverse_proxy/upstreams");
    return answer.status() == 404 ? MissingNode.getInstance() : json(answer);
  }

  /**
   * Its listener is a new one after each change, and who stands in line at the old one is cut off.
   */
  private Endpoint.Answer get(String path) {
    for (int i = 1; ; i++) {
      try {
        return send(Request.of("GET", path));
      } catch (LoadBalancerException e) {
        if (i == TRIES || !Endpoint.wasCutOff(e)) {
          throw e;
        }
      }
    }
  }

  /** Caddy compares the host with its address, and that of a socket is empty. */
  private Endpoint.Answer send(Request request) {
    return endpoint.send(
        endpoint.isUnix() ? request.header("Host", "") : request,
        settings.timeout(),
        "Caddy",
        "check that it runs, and that its admin API listens there");
  }

  private Endpoint.Answer required(String method, String path, Endpoint.Answer answer) {
    if (!answer.succeeded()) {
      throw refused(
          "%s answers %s %s with status %d: %s"
              .formatted(this, method, path, answer.status(), said(answer)));
    }
    return answer;
  }

  private JsonNode json(Endpoint.Answer answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw refused(
          "%s answers with something that is not JSON (%s): is that its admin API?"
              .formatted(this, e.getOriginalMessage()));
    }
  }

  private static String said(Endpoint.Answer answer) {
    String words = Printable.of(answer.body().strip());
    return words.isEmpty() ? "no message" : words;
  }

  static LoadBalancerException refused(String message) {
    return new LoadBalancerException(Kind.REFUSED, message);
  }
}
