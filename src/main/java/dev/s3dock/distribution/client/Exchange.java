package dev.s3dock.distribution.client;

import dev.s3dock.distribution.client.DistributionException.Kind;
import dev.s3dock.http.Request;
import dev.s3dock.http.Response;
import dev.s3dock.image.FailureWords;
import dev.s3dock.image.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;

/**
 * Requests to one repository: with what the registry wants to see, again where that may help, and
 * on to where the registry sends its clients.
 */
final class Exchange implements AutoCloseable {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);
  private static final int MAX_REDIRECTS = 5;
  private static final int TOO_MANY = 429;
  private static final int MAX_ERROR_BYTES = 64 << 10;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  /** A registry that asks for more patience than this is not waited for. */
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

  private final RegistryReference reference;
  private final Access access;
  private final Peers peers;
  private final URI origin;
  private final Authorization authorization;

  Exchange(RegistryReference reference, Access access, String actions) {
    this.reference = reference;
    this.access = access;
    this.peers = new Peers(access);
    this.origin = peers.origin(reference);
    this.authorization = new Authorization(reference, peers, access, actions);
  }

  /** Makes what is sent, anew for each try: headers and body. */
  interface Content extends UnaryOperator<Request> {
    Content NONE = request -> request;
  }

  /** An address of the repository; {@code path} is below its name. */
  URI address(String path) {
    return origin.resolve("/v2/" + reference.repository() + "/" + path);
  }

  /**
   * Sends a request until it is answered with something else than "later".
   *
   * @return to be closed by the caller; any status but those of failures that may pass, of
   *     redirects, and of missing credentials
   */
  Response send(String method, URI address, Content content) {
    for (int failures = 0; ; failures++) {
      Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 6));
      try {
        Response response = authorized(method, address, content);
        if (!TRANSIENT.contains(response.status())) {
          return response;
        }
        try (response) {
          pause = asked(response).orElse(pause);
          if (failures >= access.retries() || pause.compareTo(LONGEST_PAUSE) > 0) {
            throw overloaded(response, pause);
          }
        }
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("interrupted");
        }
        if (failures >= access.retries()) {
          throw unreachable(e);
        }
      }
      access.pause().of(pause);
    }
  }

  /** The same once: for what cannot be sent a second time to the same address. */
  Response sendOnce(String method, URI address, Content content) throws IOException {
    return authorized(method, address, content);
  }

  private Response authorized(String method, URI address, Content content) throws IOException {
    Optional<String> header = authorization.header();
    Response response = following(method, address, content, header);
    if (response.status() != 401) {
      return response;
    }
    Optional<String> asked = response.header("WWW-Authenticate");
    try (response) {
      if (!authorization.answer(header, asked)) {
        throw denied(response);
      }
    }
    Response second = following(method, address, content, authorization.header());
    if (second.status() == 401) {
      try (second) {
        throw denied(second);
      }
    }
    return second;
  }

  /** Credentials are for the registry alone, and not for where it sends its clients. */
  private Response following(String method, URI address, Content content, Optional<String> header)
      throws IOException {
    URI at = address;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      Request request = content.apply(Request.of(method, path(at)));
      if (header.isPresent() && Peers.origin(at).equals(Peers.origin(origin))) {
        request = request.header("Authorization", header.get());
      }
      Response response = peers.to(at).send(request);
      if (!REDIRECTS.contains(response.status())) {
        return response;
      }
      try (response) {
        at = location(at, response).orElseThrow(() -> failed(response, "redirects to nowhere"));
      }
    }
    throw new DistributionException(
        Kind.FAILED, "%s redirects again and again".formatted(reference.name()));
  }

  private static String path(URI address) {
    String path = address.getRawPath();
    return (path == null || path.isEmpty() ? "/" : path)
        + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
  }

  /** Where an answer leads; never from TLS to where others can read along. */
  Optional<URI> location(URI from, Response response) {
    Optional<URI> to;
    try {
      to = response.header("Location").map(from::resolve);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (to.isPresent() && !Peers.isWeb(to.get())) {
      throw new DistributionException(
          Kind.FAILED,
          "%s sends its clients to %s, which is no address of a web server"
              .formatted(
                  reference.name(), Printable.of(to.get().toString().replaceFirst("[?#].*", ""))));
    }
    if (to.isPresent() && !peers.isSafe(to.get())) {
      throw new DistributionException(
          Kind.FAILED,
          "%s sends its clients to %s, where others could read along; use --plain-http if that is all right"
              .formatted(reference.name(), to.get().getHost()));
    }
    return to;
  }

  private static Optional<Duration> asked(Response response) {
    return response.header("Retry-After").flatMap(Exchange::delay);
  }

  /** Seconds (RFC 9110, 10.2.3); of a date nothing is known, as clocks differ. */
  private static Optional<Duration> delay(String text) {
    try {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())))
          .filter(it -> !it.isNegative());
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** What a registry says of a failure, for a message. */
  static String words(Response response) {
    String said = "";
    try (InputStream body = response.body()) {
      said = ErrorBody.message(body.readNBytes(MAX_ERROR_BYTES));
    } catch (IOException e) {
      // the status is all there is
    }
    return "HTTP %d%s".formatted(response.status(), said.isEmpty() ? "" : ", " + said);
  }

  DistributionException failed(Response response, String what) {
    return switch (response.status()) {
      case 401, 403 -> denied(response);
      case 404 ->
          new DistributionException(
              Kind.NOT_FOUND, "%s %s (%s)".formatted(reference.name(), what, words(response)));
      default ->
          new DistributionException(
              Kind.FAILED, "%s %s (%s)".formatted(reference.name(), what, words(response)));
    };
  }

  DistributionException denied(Response response) {
    return new DistributionException(
        Kind.DENIED,
        "%s denies access to %s (%s); log in with an account that may do that: docker login %s"
            .formatted(reference.registry(), reference.repository(), words(response), login()));
  }

  private String login() {
    return reference.registry().equals("docker.io") ? "" : reference.registry();
  }

  private DistributionException overloaded(Response response, Duration pause) {
    String after =
        pause.compareTo(LONGEST_PAUSE) > 0
            ? "try again in %d minutes".formatted(pause.toMinutes() + 1)
            : "try again later";
    return new DistributionException(
        Kind.UNAVAILABLE,
        response.status() == TOO_MANY
            ? "%s gets too many requests for %s (%s); %s, or log in for a higher limit"
                .formatted(reference.registry(), reference.repository(), words(response), after)
            : "%s cannot answer for %s now (%s); %s"
                .formatted(reference.registry(), reference.repository(), words(response), after));
  }

  DistributionException unreachable(IOException e) {
    return new DistributionException(
        Kind.UNAVAILABLE,
        "cannot reach %s for %s: %s; check the address%s"
            .formatted(
                reference.registry(),
                reference.repository(),
                FailureWords.of(e),
                "https".equals(origin.getScheme())
                    ? ", and whether it speaks TLS (--plain-http is for one that does not)"
                    : ""),
        e);
  }

  Access access() {
    return access;
  }

  RegistryReference reference() {
    return reference;
  }

  @Override
  public void close() {
    peers.close();
  }
}
