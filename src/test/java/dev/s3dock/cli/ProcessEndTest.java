package dev.s3dock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** How a process ends that has had connections. */
class ProcessEndTest {
  @Test
  void a_thread_that_waits_for_connections_of_virtual_ones_is_seen() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  server.accept().close();
                } catch (SocketException e) {
                  // closed, as was meant
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      Eventually.holds("a thread waits for connections", ProcessEnd::anyThreadWaitsForConnections);
    }
  }

  @Test
  void the_exit_code_is_that_of_the_command_and_the_hook_is_not_run() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ExitingProcess.class.getName())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).isEmpty();
    assertThat(process.waitFor()).isEqualTo(7);
  }

  /** Ends while a virtual thread waits for a connection. */
  static final class ExitingProcess {
    private ExitingProcess() {}

    public static void main(String[] args) throws Exception {
      ProcessEnd end = new ProcessEnd(new Thread(() -> System.out.println("the hook runs")));
      ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(() -> accept(server));
      while (!ProcessEnd.anyThreadWaitsForConnections()) {
        Thread.onSpinWait();
      }
      end.now(7);
    }

    private static void accept(ServerSocket server) {
      try {
        server.accept();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
