package dev.s3dock.engine.docker.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.http.HttpPeer;
import dev.s3dock.http.Request;
import dev.s3dock.http.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the engine, their deadlines, and the one place where its errors become ours.
 *
 * <p>The client has no time limit for an answer: it would cut off a long save. So calls that must
 * end run on a thread of their own that is given up after the timeout, or what the work may take
 * beside it; and every long one is led by a short one, which shows that the engine answers at all.
 */
public final class DockerApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Sent where the address has no name of a host; the engine does not look at it. */
  private static final String HOST = "docker";

  /** Also for a version that the engine does not speak, which it looks at before all else. */
  private static final int BAD_REQUEST = 400;

  private final DockerAddress address;
  private final Duration timeout;
  private final HttpPeer http;
  private volatile @Nullable ApiVersion version;

  public DockerApi(DockerAddress address, Duration timeout) {
    this.address = address;
    this.timeout = timeout;
    this.http = peer(address, timeout);
  }

  private static HttpPeer peer(DockerAddress address, Duration timeout) {
    URI uri = address.uri();
    return switch (uri.getScheme()) {
      case "unix" -> HttpPeer.ofUnixSocket(Path.of(uri.getPath()), HOST);
      case "npipe" -> HttpPeer.ofPipe(Path.of(uri.getPath().replace('/', '\\')), HOST);
      default ->
          HttpPeer.ofTcp(
              uri.getHost().replaceAll("^\\[|]$", ""),
              uri.getPort(),
              timeout,
              address.certificates().map(folder -> Certificates.context(folder, address)));
    };
  }

  /** What a short call brought. */
  public record Answer(int status, String body) {
    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new EngineException(
            Kind.FAILED, "the engine answered with something that is not JSON: " + body, e);
      }
    }

    /** The engine's own words. */
    public String message() {
      String message = body.startsWith("{") ? json().path("message").asText() : body.strip();
      return message.isEmpty() ? "HTTP status " + status : message;
    }
  }

  /** The version of the API that is spoken; asks the engine once. */
  ApiVersion version() {
    ApiVersion known = version;
    return known == null ? renewed() : known;
  }

  /**
   * Shows that the engine answers.
   *
   * @throws EngineException {@code UNAVAILABLE} or {@code TOO_OLD}
   */
  public ApiVersion ping() {
    return within(
        timeout,
        () -> {
          try (Response response = http.send(Request.of("GET", "/_ping"))) {
            return ApiVersion.negotiate(response.header("Api-Version").orElse(null), address);
          }
        });
  }

  public Answer get(String path) {
    return call("GET", path);
  }

  /** A call whose answer is short and comes at once. Any status is returned. */
  public Answer call(String method, String path) {
    return call(method, path, null, Duration.ZERO);
  }

  /** The same with a document as its body. */
  public Answer call(String method, String path, JsonNode document) {
    return call(method, path, document, Duration.ZERO);
  }

  /**
   * The same for work that takes a while.
   *
   * @param longer what the engine may take beside the timeout
   */
  public Answer call(String method, String path, @Nullable JsonNode document, Duration longer) {
    ApiVersion known = longer.isPositive() ? null : version;
    ApiVersion spoken = known == null ? renewed() : known;
    Answer answer = call(spoken, method, path, document, longer);
    return answer.status() == BAD_REQUEST && known != null && !renewed().equals(known)
        ? call(version(), method, path, document, longer) // not done: the engine is another by now
        : answer;
  }

  private Answer call(
      ApiVersion spoken, String method, String path, @Nullable JsonNode document, Duration longer) {
    return within(
        timeout.plus(longer),
        () -> {
          try (Response response = http.send(request(method, spoken.prefix() + path, document))) {
            return answer(response);
          }
        });
  }

  private ApiVersion renewed() {
    ApiVersion now = ping();
    version = now;
    return now;
  }

  /** Reads an answer, and stops where it likes. */
  public interface Reader<T> {
    T read(InputStream body) throws IOException;
  }

  /**
   * A call whose answer is as long as it is, and goes on for as long as something runs.
   *
   * @param most for all of it
   * @param what fails, for the message of an exception
   * @return what the reader made of the answer; empty if it had not ended by then
   * @throws EngineException {@code NOT_FOUND} for a status of 404, {@code FAILED} for any other
   *     that is none of success
   */
  public <T> Optional<T> follow(
      String method,
      String path,
      @Nullable JsonNode document,
      Duration most,
      String what,
      Reader<T> reader) {
    Request request = request(method, version().prefix() + path, document);
    return attempt(
        most,
        () -> {
          try (Response response = http.send(request)) {
            if (response.status() < 300) {
              return reader.read(response.body());
            }
            Answer answer = answer(response);
            throw DockerErrors.ofMessage(
                answer.status() == 404 ? Kind.NOT_FOUND : Kind.FAILED, what, answer.message());
          }
        });
  }

  /**
   * A call that may take its time. The caller closes the response; to close it early aborts. An
   * answer that comes before the end of the body ends the sending.
   *
   * @param body is sent, and not closed
   * @param what fails, for the message of an exception
   * @throws EngineException if the engine does not answer with success
   * @throws UncheckedIOException if the body cannot be read
   */
  public Response open(String method, String path, @Nullable InputStream body, String what) {
    return open(method, path, body, what, Map.of());
  }

  /**
   * The same with headers.
   *
   * @param headers by name; their values are in no message
   */
  public Response open(
      String method,
      String path,
      @Nullable InputStream body,
      String what,
      Map<String, String> headers) {
    version = ping();
    GuardedSource source = body == null ? null : new GuardedSource(body);
    Response response;
    try {
      Request request = sending(method, version().prefix() + path, source);
      for (Map.Entry<String, String> header : headers.entrySet()) {
        request = request.header(header.getKey(), header.getValue());
      }
      response = http.send(request);
    } catch (IOException e) {
      throw source == null ? DockerErrors.connection(e, address) : source.explain(e, what, address);
    }
    if (response.status() < 300) {
      return response;
    }
    try (response) {
      throw failed(answer(response), what);
    } catch (IOException e) {
      throw DockerErrors.connection(e, address);
    }
  }

  /**
   * A POST whose body is long, and whose answer may come before the body's end.
   *
   * @param body is sent, and not closed
   * @param reader of the answer
   * @throws EngineException if the engine does not answer with success
   * @throws UncheckedIOException if the body cannot be read
   */
  public <T> T upload(String path, InputStream body, String what, Reader<T> reader) {
    try (Response response = open("POST", path, body, what)) {
      return reader.read(response.body());
    } catch (IOException e) {
      throw DockerErrors.connection(e, address);
    }
  }

  /** For a status that is none of those which the caller knows what to do with. */
  public EngineException failed(Answer answer, String what) {
    return DockerErrors.ofMessage(Kind.FAILED, what, answer.message());
  }

  /** For a connection, and for a short answer. */
  public Duration timeout() {
    return timeout;
  }

  public DockerAddress address() {
    return address;
  }

  private static Answer answer(Response response) throws IOException {
    try (InputStream body = response.body()) {
      return new Answer(response.status(), new String(body.readAllBytes(), UTF_8));
    }
  }

  private static Request sending(String method, String path, @Nullable InputStream tar) {
    Request request = Request.of(method, path);
    return tar == null ? request : request.upload(tar, "application/x-tar");
  }

  private static Request request(String method, String path, @Nullable JsonNode document) {
    Request request = Request.of(method, path);
    return document == null ? request : request.json(document.toString());
  }

  /** A call that ends. */
  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T within(Duration most, Call<T> call) {
    return attempt(most, call).orElseThrow(() -> DockerErrors.noAnswer(most, address));
  }

  /** Empty if the call has been given up. */
  private <T> Optional<T> attempt(Duration most, Call<T> call) {
    FutureTask<T> task = new FutureTask<>(call::run);
    Thread thread = Thread.ofVirtual().name("docker-api").start(task);
    try {
      return Optional.of(task.get(most.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(Kind.FAILED, "interrupted while waiting for the engine", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw cause instanceof EngineException known
          ? known
          : DockerErrors.connection(cause, address);
    } finally {
      thread.interrupt(); // closes the connection of a call that has been given up
    }
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
