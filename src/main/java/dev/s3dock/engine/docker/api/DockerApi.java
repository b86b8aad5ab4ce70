package dev.s3dock.engine.docker.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.core.LocalDirectorySSLConfig;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import com.github.dockerjava.transport.SSLConfig;
import dev.s3dock.engine.EngineException;
import dev.s3dock.engine.EngineException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the engine, their deadlines, and the one place where its errors become ours.
 *
 * <p>The transport's own response timeout has no effect on a Unix socket, and would cut off a long
 * save on others. So calls that must end run on a thread of their own that is given up after the
 * timeout, or what the work may take beside it; and every long one is led by a short one, which
 * shows that the engine answers at all.
 */
public final class DockerApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CONNECTIONS = 16;

  private final DockerAddress address;
  private final Duration timeout;
  private final DockerHttpClient http;
  private volatile @Nullable ApiVersion version;

  public DockerApi(DockerAddress address, Duration timeout) {
    this.address = address;
    this.timeout = timeout;
    ApacheDockerHttpClient.Builder builder =
        new ApacheDockerHttpClient.Builder()
            .dockerHost(address.uri())
            .maxConnections(CONNECTIONS)
            .connectionTimeout(timeout);
    address.certificates().map(DockerApi::tls).ifPresent(builder::sslConfig);
    if (address.uri().getScheme().equals("unix")) {
      builder.sslConfig(DockerApi::noTls);
    }
    try {
      this.http = builder.build();
    } catch (RuntimeException e) {
      throw new EngineException(
          Kind.UNAVAILABLE,
          "cannot use the certificates for the engine at %s (%s): check DOCKER_CERT_PATH"
              .formatted(address, DockerErrors.rootMessage(e)),
          e);
    }
  }

  /**
   * The library makes a context in any case; one without trust spares it all of the JDK's roots.
   */
  private static SSLContext noTls() throws NoSuchAlgorithmException, KeyManagementException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[0], new TrustManager[0], null);
    return context;
  }

  /** The library would go on without TLS where a file is missing. */
  private static SSLConfig tls(Path folder) {
    for (String file : List.of("ca.pem", "cert.pem", "key.pem")) {
      if (!Files.isReadable(folder.resolve(file))) {
        throw new EngineException(
            Kind.UNAVAILABLE,
            "cannot read the certificate %s: check DOCKER_CERT_PATH, or unset DOCKER_TLS_VERIFY"
                .formatted(folder.resolve(file)));
      }
    }
    return new LocalDirectorySSLConfig(folder.toString());
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
    if (known == null) {
      known = ping();
      version = known;
    }
    return known;
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
          try (Response response = http.execute(request("GET", "/_ping").build())) {
            return ApiVersion.negotiate(response.getHeader("Api-Version"), address);
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
    if (longer.isPositive()) {
      version = ping();
    }
    String prefix = version().prefix();
    return within(
        timeout.plus(longer),
        () -> {
          try (Response response = http.execute(request(method, prefix + path, document))) {
            return answer(response);
          }
        });
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
          try (Response response = http.execute(request)) {
            if (response.getStatusCode() < 300) {
              return reader.read(response.getBody());
            }
            Answer answer = answer(response);
            throw DockerErrors.ofMessage(
                answer.status() == 404 ? Kind.NOT_FOUND : Kind.FAILED, what, answer.message());
          }
        });
  }

  /**
   * A call that may take its time. The caller closes the response; to close it early aborts.
   *
   * @param body is sent, and not closed
   * @param what fails, for the message of an exception
   * @throws EngineException if the engine does not answer with success
   * @throws UncheckedIOException if the body cannot be read
   */
  public Response open(String method, String path, @Nullable InputStream body, String what) {
    version = ping();
    GuardedSource source = body == null ? null : new GuardedSource(body);
    Response response;
    try {
      response = http.execute(sending(method, version().prefix() + path, source));
    } catch (RuntimeException e) {
      throw source == null ? DockerErrors.connection(e, address) : source.explain(e, what, address);
    }
    if (response.getStatusCode() < 300) {
      return response;
    }
    try (response) {
      throw failed(answer(response), what);
    } catch (IOException e) {
      throw DockerErrors.connection(e, address);
    }
  }

  /**
   * A POST whose body is long and whose answer is short, and may come before the body's end.
   *
   * @param body is sent, and not closed
   * @throws EngineException if the engine does not answer with success
   * @throws UncheckedIOException if the body cannot be read
   */
  public Answer upload(String path, InputStream body, String what) {
    URI uri = address.uri();
    if (!uri.getScheme().equals("unix")) {
      try (Response response = open("POST", path, body, what)) {
        return answer(response);
      } catch (IOException e) {
        throw DockerErrors.connection(e, address);
      }
    }
    version = ping();
    GuardedSource source = new GuardedSource(body);
    try {
      Answer answer =
          new UnixUpload(Path.of(uri.getPath())).post(version().prefix() + path, source);
      if (answer.status() < 300) {
        return answer;
      }
      throw failed(answer, what);
    } catch (IOException e) {
      throw source.explain(e, what, address);
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
    try (InputStream body = response.getBody()) {
      return new Answer(response.getStatusCode(), new String(body.readAllBytes(), UTF_8));
    }
  }

  private static Request.Builder request(String method, String path) {
    return Request.builder().method(method).path(path);
  }

  private static Request sending(String method, String path, @Nullable InputStream tar) {
    Request.Builder builder = request(method, path);
    if (tar != null) {
      builder.body(tar).putHeader("Content-Type", "application/x-tar");
    }
    return builder.build();
  }

  private static Request request(String method, String path, @Nullable JsonNode document) {
    Request.Builder builder = request(method, path);
    if (document != null) {
      builder
          .bodyBytes(document.toString().getBytes(UTF_8))
          .putHeader("Content-Type", "application/json");
    }
    return builder.build();
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
