package dev.s3dock.distribution.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.engine.ImageSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no client sends gets an error or nothing, and the next client an answer. */
class NonsenseTest {
  private static final String END = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

  @TempDir static Path spool;
  private static ServedBucket served;

  @BeforeAll
  static void publish() throws IOException {
    served = new ServedBucket(spool).with(ServedBucket.FIRST, ImageSpec.small()).serve();
  }

  @AfterAll
  static void stop() throws IOException {
    served.close();
  }

  /** All that comes back until the connection ends. */
  private static String say(byte[] bytes) throws IOException {
    try (Socket socket = served.connect()) {
      try {
        socket.getOutputStream().write(bytes);
        socket.shutdownOutput();
      } catch (SocketException e) {
        // it has heard enough
      }
      InputStream in = socket.getInputStream();
      try {
        return new String(in.readAllBytes(), ISO_8859_1);
      } catch (SocketException e) {
        return "";
      }
    }
  }

  private static void requireRefused(String request) throws IOException {
    String answer = say(request.getBytes(ISO_8859_1));
    assertThat(answer).as(request).matches("(?s)|HTTP/1\\.1 (4\\d\\d|501|505) .*");
    assertThat(answer).doesNotContain("Exception", "jetty", "Jetty", "\tat ");
    assertThat(served.get("/v2/").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v2/../../etc/passwd",
        "GET /v2/my-app/../my-app/manifests/x/../../..",
        "GET /v2/%2e%2e/%2e%2e/manifests/x",
        "GET /v2/my-app%2fmanifests%2fx",
        "GET /v2/my-app/manifests/%00",
        "GET /v2/my-app/manifests/a%zz",
        "GET /v2/my-app/manifests/;a=b",
        "GET /v2/my-app/manifests/\u0000",
        "GET /v2/my-app/manifests/\u00ff\u00fe",
        "GET //v2//my-app//manifests//x",
        "GET /v2/my-app/blobs/sha256:../../../../x",
        "GET http://other.example/v2/my-app/manifests/x",
        "GET v2/my-app/tags/list",
        "GET *",
        "GET /v2/my-app/tags/list?n=%zz",
        "GET /v2/my-app/tags/list?n=1&n=2&last=%ff%00",
        "CONNECT x:80",
        "TRACE /v2/",
        "G@T /v2/",
        "get /v2/",
      })
  void a_request_that_leads_nowhere_is_refused(String line) throws IOException {
    String answer = say((line + END).getBytes(ISO_8859_1));
    assertThat(answer).matches("(?s)|HTTP/1\\.1 (200|4\\d\\d|501|505) .*");
    assertThat(answer).doesNotContain("root:", "Exception", "etty", "\tat ");
    assertThat(served.get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void what_is_no_http_is_400_in_the_specification_s_json() throws IOException {
    String hello = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003";
    for (String request : List.of(hello, "HELO x\r\n\r\n", "\r\r\r\r", "GET\r\n\r\n")) {
      requireRefused(request);
    }
    assertThat(say("GET /v2/ HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1)))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"errors\"");
    assertThat(say(hello.getBytes(ISO_8859_1))).startsWith("HTTP/1.1 400 ");
    Eventually.holds(
        "the log has them",
        () -> served.log().stream().anyMatch(it -> it.method().isEmpty() && it.whole()));
  }

  @Test
  void what_is_too_long_is_refused() throws IOException {
    requireRefused("GET /v2/" + "a".repeat(100_000) + END);
    requireRefused("GET /v2/" + "a/".repeat(2000) + "tags/list" + END);
    requireRefused("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(1 << 20) + "\r\n\r\n");
    requireRefused("GET /v2/ HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(20_000) + "\r\n");
    requireRefused("G".repeat(1 << 20));
  }

  @Test
  void headers_that_contradict_each_other_are_refused() throws IOException {
    for (String headers :
        List.of(
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Host: y",
            "Bad Header: x",
            ": x",
            "X\u0000: y")) {
      requireRefused(
          "GET /v2/ HTTP/1.1\r\nHost: x\r\n" + headers + "\r\nConnection: close\r\n\r\n");
    }
  }

  @Test
  void a_bad_header_of_ours_is_passed_over_or_refused() throws IOException {
    List<String> headers = new ArrayList<>();
    for (String name :
        List.of("Range", "If-Range", "If-None-Match", "User-Agent", "Authorization")) {
      for (String value :
          List.of(
              "\"",
              "bytes=",
              "bytes=0-\u00ff",
              "W/\"x",
              "Basic =",
              "docker/9999999999.",
              "x".repeat(5000))) {
        headers.add(name + ": " + value);
      }
    }
    String path = ServedBucket.blob(served.index(ServedBucket.FIRST).imageId());
    for (String header : headers) {
      String answer =
          say(
              ("GET "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                      + header
                      + "\r\n\r\n")
                  .getBytes(ISO_8859_1));
      assertThat(answer).as(header).matches("(?s)HTTP/1\\.1 (200|206|304|400|416|431) .*");
    }
  }

  /** Requests with a few bytes changed, dropped or repeated. */
  @Test
  void noise_ends_nothing() throws IOException {
    String request =
        """
        GET /v2/my-app/manifests/production HTTP/1.1
        Host: x
        Range: bytes=0-5
        Accept: application/json
        Connection: close

        """
            .replace("\n", "\r\n");
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      StringBuilder noisy = new StringBuilder(request);
      for (int change = random.nextInt(1, 6); change > 0; change--) {
        int at = random.nextInt(noisy.length());
        switch (random.nextInt(3)) {
          case 0 -> noisy.setCharAt(at, (char) random.nextInt(256));
          case 1 -> noisy.deleteCharAt(at);
          default -> noisy.insert(at, noisy.substring(at, Math.min(noisy.length(), at + 9)));
        }
      }
      assertThat(say(noisy.toString().getBytes(ISO_8859_1)))
          .as(noisy.toString())
          .doesNotContain("Exception", "HTTP/1.1 500");
    }
    assertThat(served.get("/v2/").statusCode()).isEqualTo(200);
  }
}
