package dev.s3dock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.engine.OneAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("counts the open files of this process")
class OpenFilesTest {
  private static final int REQUESTS = 50;

  @TempDir Path temp;

  @Test
  void no_file_stays_open_after_requests_over_a_socket() throws IOException {
    ask();
    long before = openFiles();
    for (int i = 0; i < REQUESTS; i++) {
      ask();
    }
    assertThat(openFiles()).isLessThan(before + REQUESTS / 2);
  }

  private void ask() throws IOException {
    Path socket = temp.resolve("s");
    try (OneAnswer _ =
            OneAnswer.onSocket(socket)
                .afterWords("\r\n\r\n")
                .closing("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        HttpPeer peer = HttpPeer.ofUnixSocket(socket, "docker");
        Response response = peer.send(Request.of("GET", "/x"))) {
      assertThat(response.body()).hasContent("ok");
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
