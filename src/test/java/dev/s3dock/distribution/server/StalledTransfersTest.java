package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.blob;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.s3dock.image.Digest;
import dev.s3dock.store.s3.ConditionalWrites;
import dev.s3dock.store.s3.ImpatientS3;
import dev.s3dock.store.s3.S3ObjectStore;
import dev.s3dock.store.s3.S3Settings;
import dev.s3dock.store.s3.access.Credentials;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.FaultProxy;
import dev.s3dock.testing.FaultProxy.Fault;
import dev.s3dock.testing.FaultProxy.Request;
import dev.s3dock.testing.store.S3Server;
import dev.s3dock.testing.store.S3Servers;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that stops in the middle of a layer, and a client that takes it by the drop. */
class StalledTransfersTest {
  private static final int LAYER = 9 << 20;

  @TempDir Path folder;
  private final AtomicInteger ranges = new AtomicInteger();

  private boolean isLaterRange(Request request) {
    return request.headers().containsKey("range") && ranges.incrementAndGet() > 1;
  }

  private ServedBucket published() throws IOException {
    return new ServedBucket(folder).with(FIRST, ServedBucket.large(1, LAYER));
  }

  private static Digest layer(ServedBucket served) {
    return served.index(FIRST).layers().getFirst().blob().orElseThrow();
  }

  private S3ObjectStore store(FaultProxy proxy, S3Server server) {
    return ImpatientS3.open(
        new S3Settings(
            S3Servers.newBucket(server),
            Optional.of(proxy.endpoint()),
            Optional.of(server.region()),
            Optional.of(new Credentials(server.accessKey(), server.secretKey(), Optional.empty())),
            0,
            ConditionalWrites.REQUIRED,
            folder.resolve("no-probes")),
        Duration.ofSeconds(1));
  }

  @Test
  void a_store_that_stops_once_is_asked_for_the_rest_and_one_that_always_does_cuts_the_pull()
      throws IOException {
    S3Server server = S3Servers.s3Mock();
    try (FaultProxy proxy = FaultProxy.inFrontOf(server.endpoint());
        S3ObjectStore store = store(proxy, server);
        ServedBucket served = published().outOf(store).serve()) {
      served.get(manifest(FIRST.tag()));
      proxy.spoil(1, this::isLaterRange, new Fault.Stall(1 << 20));
      assertThat(Digest.of(served.get(blob(layer(served))).body())).isEqualTo(layer(served));

      ranges.set(0);
      proxy.spoil(Integer.MAX_VALUE, this::isLaterRange, new Fault.Stall(1000));
      assertThatThrownBy(() -> served.get(blob(layer(served)))).isInstanceOf(IOException.class);
      Eventually.holds(
          "the log says why",
          () -> served.log().stream().anyMatch(it -> it.problem().contains("broke")));
    }
  }

  private static void askForLayer(Socket client, ServedBucket served) throws IOException {
    client.setReceiveBufferSize(4096);
    client.connect(served.server().address());
    String request = "GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(blob(layer(served)));
    client.getOutputStream().write(request.getBytes(ISO_8859_1));
  }

  private static boolean isCut(ServedBucket served) {
    return served.log().stream().anyMatch(it -> !it.whole() && it.problem().contains("too little"));
  }

  @Test
  void a_client_that_takes_nothing_is_cut_for_the_same_reason() throws IOException {
    try (ServedBucket served = published().serve(it -> it.withIdle(Duration.ofSeconds(2)));
        Socket client = new Socket()) {
      askForLayer(client, served);
      Eventually.holds("the answer was cut", () -> isCut(served));
    }
  }

  @Test
  void a_client_that_takes_too_little_is_cut() throws IOException {
    try (ServedBucket served = published().serve(it -> it.withIdle(Duration.ofSeconds(2)));
        Socket client = new Socket()) {
      askForLayer(client, served);
      client.setSoTimeout((int) Duration.ofMinutes(1).toMillis());
      byte[] drop = new byte[64];
      Eventually.holds( // looks now and then, and takes a drop each time
          "the answer was cut",
          () -> {
            try {
              client.getInputStream().read(drop);
            } catch (IOException e) {
              // it was cut
            }
            return isCut(served);
          });
    }
  }
}
