package dev.s3dock.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd's own program says to a socket that another of its programs listens on. */
class ServiceManagerTest {
  @TempDir Path folder;
  private final List<String> problems = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();

  @Test
  void it_is_told_of_the_beginning_three_times_in_a_watchdogs_time_and_of_the_end()
      throws Exception {
    Path socket = folder.resolve("notify");
    Path heard = folder.resolve("heard");
    Process listener =
        new ProcessBuilder(
                "systemd-socket-activate",
                "--datagram",
                "--listen=" + socket,
                "--inetd",
                "/bin/sh",
                "-c",
                "exec cat >'" + heard + "'")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("listener.log").toFile())
            .start();
    try {
      Eventually.holds("it listens", () -> Files.exists(socket));
      ServiceManager manager =
          new ServiceManager(
              Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "120000000"),
              now::get,
              problems::add);
      manager.ready();
      for (int second = 0; second < 120; second++) {
        if (!manager.rest().isPositive()) {
          manager.beat();
        }
        now.addAndGet(Duration.ofSeconds(1).toNanos());
      }
      manager.stopping();
      Eventually.holds(
          "all is heard",
          () -> Files.exists(heard) && Files.readString(heard).contains("STOPPING=1"));
      assertThat(Files.readString(heard).split("WATCHDOG=1", -1)).hasSize(1 + 3);
      assertThat(Files.readString(heard)).startsWith("READY=1");
    } finally {
      listener.destroyForcibly().waitFor();
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void a_socket_that_nobody_listens_on_is_told_of_once() {
    ServiceManager manager =
        new ServiceManager(
            Map.of("NOTIFY_SOCKET", folder.resolve("nobody").toString()), now::get, problems::add);
    manager.ready();
    manager.stopping();
    assertThat(problems).singleElement().asString().startsWith("systemd-notify: ");
  }

  @Test
  void without_a_manager_nothing_is_said() {
    ServiceManager manager = new ServiceManager(Map.of(), now::get, problems::add);
    manager.ready();
    assertThat(manager.rest()).isGreaterThan(Duration.ofDays(1));
    manager.stopping();
    assertThat(problems).isEmpty();
  }
}
