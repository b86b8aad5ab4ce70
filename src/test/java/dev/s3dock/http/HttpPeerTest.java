package dev.s3dock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.testing.engine.OneAnswer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpPeerTest {
  private static final String ERROR =
      "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void an_answer_is_heard_before_the_body_ends_although_the_server_has_closed(boolean unix)
      throws Exception {
    try (OneAnswer server = server(unix).after(300_000).closing(ERROR);
        HttpPeer peer = peer(server);
        Response response = peer.send(upload(endless()))) {
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.body()).hasContent("{\"a\":1}");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void an_answer_is_heard_before_the_body_ends_while_the_server_reads_on(boolean unix)
      throws Exception {
    try (OneAnswer server = server(unix).after(300_000).readingOn(ERROR);
        HttpPeer peer = peer(server);
        Response response = peer.send(upload(endless()))) {
      assertThat(response.status()).isEqualTo(500);
      assertThat(response.body()).hasContent("{\"a\":1}");
    }
  }

  @Test
  void a_server_that_hangs_up_without_an_answer_is_a_broken_connection() throws Exception {
    try (OneAnswer server = server(true).after(300_000).closing("");
        HttpPeer peer = peer(server)) {
      assertThatThrownBy(() -> peer.send(upload(endless())))
          .isInstanceOf(IOException.class)
          .message()
          .containsAnyOf("Broken pipe", "reset");
    }
  }

  /** A server that saw a proper end would take half a body for all of it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_body_that_cannot_be_read_is_the_failure_and_is_not_ended(boolean unix) throws Exception {
    IOException bad = new IOException("bad disk");
    try (OneAnswer server = server(unix).after(Long.MAX_VALUE).closing("")) {
      try (HttpPeer peer = peer(server)) {
        assertThatThrownBy(() -> peer.send(upload(failing(bad)))).isSameAs(bad);
      }
      assertThat(server.heard()).contains("/x HTTP/1.1").doesNotContain("\r\n0\r\n\r\n");
    }
  }

  @Test
  void a_whole_body_arrives_in_chunks_and_the_host_is_the_given_one() throws Exception {
    try (OneAnswer server = server(true).afterWords("\r\n0\r\n\r\n").closing(OK);
        HttpPeer peer = peer(server)) {
      Request request = upload(new ByteArrayInputStream("tar".getBytes(UTF_8))).header("Host", "");
      try (Response response = peer.send(request)) {
        assertThat(response.body()).hasContent("ok");
      }
      assertThat(server.heard())
          .contains("Host: \r\n", "Content-Type: application/x-tar\r\n")
          .endsWith("\r\n3\r\ntar\r\n0\r\n\r\n");
    }
  }

  @Test
  void a_field_after_the_body_is_read_like_a_header() throws Exception {
    String chunks =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: ETag\r\n\r\n2\r\nok\r\n0\r\nETag: \"7\"\r\n\r\n";
    try (OneAnswer server = server(true).afterWords("\r\n\r\n").closing(chunks);
        HttpPeer peer = peer(server);
        Response response = peer.send(Request.of("GET", "/x"))) {
      assertThat(response.body()).hasContent("ok");
      assertThat(response.headerOrTrailer("etag")).contains("\"7\"");
    }
  }

  @Test
  void half_an_answer_and_none_and_other_words_are_told_apart() throws Exception {
    try (OneAnswer server =
            server(true).afterWords("\r\n\r\n").closing(OK.substring(0, OK.length() - 1));
        HttpPeer peer = peer(server);
        Response response = peer.send(Request.of("GET", "/x"))) {
      assertThatThrownBy(() -> response.body().readAllBytes()).matches(HttpPeer::hungUp);
    }
    try (OneAnswer server = server(true).afterWords("\r\n\r\n").closing("");
        HttpPeer peer = peer(server)) {
      assertThatThrownBy(() -> peer.send(Request.of("GET", "/x"))).matches(HttpPeer::hungUp);
    }
    try (OneAnswer server = server(true).afterWords("\r\n\r\n").closing("SSH-2.0-x\r\n\r\n");
        HttpPeer peer = peer(server)) {
      assertThatThrownBy(() -> peer.send(Request.of("GET", "/x")))
          .matches(HttpPeer::speaksOtherwise);
    }
  }

  private OneAnswer.Waiting server(boolean unix) throws IOException {
    return unix ? OneAnswer.onSocket(temp.resolve("s")) : OneAnswer.onPort();
  }

  private static HttpPeer peer(OneAnswer server) {
    String host = server.dockerHost();
    return host.startsWith("unix:")
        ? HttpPeer.ofUnixSocket(Path.of(host.substring("unix://".length())), "docker")
        : HttpPeer.ofTcp(
            "127.0.0.1", URI.create(host).getPort(), Duration.ofSeconds(9), Optional.empty());
  }

  private static Request upload(InputStream body) {
    return Request.of("POST", "/x").upload(body, "application/x-tar");
  }

  private static InputStream endless() {
    return new Blocks(Optional.empty());
  }

  private static InputStream failing(IOException failure) {
    return new Blocks(Optional.of(failure));
  }

  /** Zeros without end, or a failure after 1 MiB. */
  private static final class Blocks extends InputStream {
    private final Optional<IOException> failure;
    private long count;

    Blocks(Optional<IOException> failure) {
      this.failure = failure;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("read by blocks");
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      count += length;
      if (count > 1 << 20 && failure.isPresent()) {
        throw failure.get();
      }
      return length;
    }
  }
}
