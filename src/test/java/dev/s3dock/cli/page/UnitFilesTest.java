package dev.s3dock.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.process.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units of the distribution, as systemd reads them. */
class UnitFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"s3dock-agent.service", "s3dock-serve.service"})
  void systemd_finds_nothing_wrong_with_a_unit(String name) throws Exception {
    String unit = Files.readString(Path.of("src/dist", name));
    Path copy = folder.resolve(name);
    Files.writeString(copy, unit.replace("/usr/local/bin/s3dock", "/bin/true"));
    Program.Outcome outcome =
        Program.of(
                List.of("systemd-analyze", "verify", "--man=no", copy.toString()),
                Duration.ofMinutes(1))
            .run();
    assertThat(outcome).isEqualTo(new Program.Outcome.Ended(0, "", ""));
  }
}
