package dev.s3dock.distribution.server;

import static dev.s3dock.distribution.server.ServedBucket.FIRST;
import static dev.s3dock.distribution.server.ServedBucket.blob;
import static dev.s3dock.distribution.server.ServedBucket.manifest;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.image.Digest;
import dev.s3dock.testing.Eventually;
import dev.s3dock.testing.store.MemoryObjectStore.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are many, slow or gone take nothing from the others. */
class ManyClientsTest {
  private static final int LAYER = 24 << 20;

  @TempDir Path spool;

  private ServedBucket served() throws IOException {
    return new ServedBucket(spool).with(FIRST, ServedBucket.large(1, LAYER));
  }

  private static Digest layer(ServedBucket served) {
    return served.index(FIRST).layers().getFirst().blob().orElseThrow();
  }

  private static Socket asking(ServedBucket served) throws IOException {
    return asking(served, new Socket());
  }

  /** A client that takes little before it has to read. */
  private static Socket slowlyAsking(ServedBucket served) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    return asking(served, socket);
  }

  private static Socket asking(ServedBucket served, Socket socket) throws IOException {
    socket.connect(served.server().address());
    socket.setSoTimeout((int) Duration.ofMinutes(1).toMillis());
    String request = "GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(blob(layer(served)));
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return socket;
  }

  @Test
  void a_client_that_takes_nothing_is_cut_and_meanwhile_asks_the_store_for_nothing()
      throws IOException {
    try (ServedBucket served = served()) {
      served.serve(it -> it.withIdle(Duration.ofSeconds(2)));
      served.get(manifest(FIRST.tag()));
      AtomicInteger reads = new AtomicInteger();
      served.store.before(
          (operation, key) -> {
            if (operation == Operation.READ) {
              reads.incrementAndGet();
            }
          });
      try (Socket slow = slowlyAsking(served)) {
        Eventually.holds(
            "the answer was cut",
            () -> served.log().stream().anyMatch(it -> !it.whole() && it.status() == 200));
        assertThat(reads.get()).isLessThan(6); // pieces that were sent or wait, of six and a bit
        assertThat(slow.isConnected()).isTrue();
      }
    }
  }

  @Test
  void a_client_that_goes_away_is_forgotten() throws IOException {
    try (ServedBucket served = served().serve()) {
      try (Socket gone = slowlyAsking(served)) {
        assertThat(gone.getInputStream().read()).isEqualTo('H');
      }
      Eventually.holds(
          "the answer was cut", () -> served.log().stream().anyMatch(it -> !it.whole()));
      Eventually.holds("nothing is being sent", () -> transfers(served).equals("0.0"));
    }
  }

  private static String transfers(ServedBucket served) throws IOException {
    String text = new String(served.get("/metrics").body(), ISO_8859_1);
    return text.replaceAll("(?s).*\ns3dock_transfers ([0-9.]+)\n.*", "$1");
  }

  @Test
  void a_thousand_idle_connections_leave_room_for_one_more() throws IOException {
    try (ServedBucket served = served().serve()) {
      List<Socket> idle = new ArrayList<>();
      try {
        for (int i = 0; i < 1000; i++) {
          idle.add(served.connect());
        }
        for (int i = 0; i < 1000; i += 10) { // some have asked before, some have begun to
          idle.get(i).getOutputStream().write("GET /v2/ HT".getBytes(ISO_8859_1));
        }
        assertThat(Digest.of(served.get(blob(layer(served))).body())).isEqualTo(layer(served));
      } finally {
        for (Socket socket : idle) {
          socket.close();
        }
      }
    }
  }

  @Test
  void slow_readers_do_not_keep_a_quick_one_from_its_layer() throws IOException {
    try (ServedBucket served = served().serve()) {
      List<Socket> slow = new ArrayList<>();
      try {
        for (int i = 0; i < 30; i++) {
          slow.add(slowlyAsking(served));
        }
        for (Socket each : slow) {
          assertThat(each.getInputStream().read()).isEqualTo('H');
        }
        assertThat(Digest.of(served.get(blob(layer(served))).body())).isEqualTo(layer(served));
      } finally {
        for (Socket socket : slow) {
          socket.close();
        }
      }
    }
  }

  @Test
  void a_transfer_that_is_under_way_finishes_when_the_server_stops() throws Exception {
    try (ServedBucket served = served().serve();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch stopping = new CountDownLatch(1);
      try (Socket client = asking(served)) {
        InputStream in = client.getInputStream();
        assertThat(in.read()).isEqualTo('H');
        Future<?> stop =
            threads.submit(
                () -> {
                  stopping.countDown();
                  served.server().close();
                  return null;
                });
        stopping.await();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
          head.append((char) in.read());
        }
        int size =
            Integer.parseInt(head.toString().replaceAll("(?s).*Content-Length: (\\d+).*", "$1"));
        assertThat(Digest.of(in.readNBytes(size))).isEqualTo(layer(served));
        client.shutdownOutput();
        stop.get();
      }
      assertThat(served.log()).allMatch(AccessRecord::whole);
    }
  }
}
