package dev.s3dock.distribution.loopback;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.s3dock.archive.BlockInputStream;
import dev.s3dock.image.Digest;
import dev.s3dock.transfer.loopback.LoopbackRegistry.Opened;
import dev.s3dock.transfer.loopback.PullEndpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests to the registry from which this machine's engine pulls one image. */
class PullEndpointTest {
  private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(US_ASCII);
  private static final byte[] BLOB = "the bytes of a layer".getBytes(US_ASCII);
  private static final byte[] BROKEN = "of which not all can be read".getBytes(US_ASCII);

  private final HttpClient http = HttpClient.newHttpClient();
  private Opened opened;
  private String at;

  private static final class OneImage implements PullEndpoint.Image {
    @Override
    public Digest manifestDigest() {
      return Digest.of(MANIFEST);
    }

    @Override
    public byte[] manifest() {
      return MANIFEST.clone();
    }

    @Override
    public OptionalLong size(Digest blob) {
      return blob.equals(Digest.of(BLOB))
          ? OptionalLong.of(BLOB.length)
          : blob.equals(Digest.of(BROKEN)) ? OptionalLong.of(BROKEN.length) : OptionalLong.empty();
    }

    @Override
    public InputStream open(Digest blob, long from) {
      if (blob.equals(Digest.of(BLOB))) {
        return new ByteArrayInputStream(BLOB, (int) from, BLOB.length);
      }
      return new SequenceInputStream(
          new ByteArrayInputStream(BROKEN, 0, 10),
          new BlockInputStream() {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
              throw new IOException("the archive is damaged");
            }
          });
    }
  }

  @BeforeEach
  void open() throws IOException {
    opened = new JettyLoopback().open(new OneImage());
    at = "http://" + opened.name().replaceFirst("/", "/v2/");
  }

  @AfterEach
  void close() {
    opened.close();
    http.shutdownNow();
  }

  private HttpResponse<byte[]> send(String method, String address, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address)).method(method, BodyPublishers.noBody());
    return http.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        BodyHandlers.ofByteArray());
  }

  @Test
  void who_does_not_know_the_path_is_told_nothing() throws Exception {
    String base = at.substring(0, at.indexOf("/v2/"));
    String blob = "/blobs/" + Digest.of(BLOB);
    String near = at.substring(0, at.length() - 1);
    for (String address :
        List.of(
            base + "/",
            base + "/v2/",
            base + "/v2/_catalog",
            base + "/v2/" + PullEndpoint.PREFIX + blob,
            near + blob,
            at + "/x" + blob,
            at + "/../x" + blob,
            at + "/tags/list",
            at + "/manifests/latest",
            at + "/manifests/" + Digest.of(BLOB),
            at + "/blobs/" + Digest.of(MANIFEST))) {
      HttpResponse<byte[]> answer = send("GET", address);
      assertThat(answer.statusCode()).as(address).isEqualTo(404);
      assertThat(answer.body()).as(address).isEmpty();
      assertThat(answer.headers().map().keySet())
          .as(address)
          .containsOnly("content-length", "date");
    }
    for (String method : List.of("PUT", "POST", "PATCH", "DELETE")) {
      assertThat(send(method, at + blob).statusCode()).as(method).isEqualTo(404);
    }
  }

  @Test
  void manifest_and_blobs_are_handed_out_whole_or_from_where_a_connection_was_lost()
      throws Exception {
    String manifest = at + "/manifests/" + Digest.of(MANIFEST);
    HttpResponse<byte[]> answer = send("GET", manifest);
    assertThat(answer.body()).isEqualTo(MANIFEST);
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("application/vnd.oci.image.manifest.v1+json");
    assertThat(send("HEAD", manifest).headers().firstValueAsLong("content-length"))
        .hasValue(MANIFEST.length);
    String blob = at + "/blobs/" + Digest.of(BLOB);
    assertThat(send("GET", blob).body()).isEqualTo(BLOB);
    assertThat(send("HEAD", blob).headers().firstValueAsLong("content-length"))
        .hasValue(BLOB.length);
    HttpResponse<byte[]> rest = send("GET", blob, "Range", "bytes=4-");
    assertThat(rest.statusCode()).isEqualTo(206);
    assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(BLOB, 4, BLOB.length));
    assertThat(rest.headers().firstValue("content-range")).hasValue("bytes 4-19/20");
    assertThat(send("GET", blob, "Range", "bytes=20-").statusCode()).isEqualTo(416);
  }

  @Test
  void what_cannot_be_read_to_its_end_is_cut() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> send("GET", at + "/blobs/" + Digest.of(BROKEN)));
  }

  /** Engines begin with one, and go on without TLS if they are told at once that this is none. */
  @Test
  void a_tls_hello_is_answered_with_400() throws Exception {
    int port = URI.create(at).getPort();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0});
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 400");
    }
  }
}
