package dev.s3dock.cli.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.testing.engine.EngineGate;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.store.S3Servers;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The doctor with real engines: the main job can be done. */
@Tag("engine")
@ResourceLock(value = "docker20", mode = ResourceAccessMode.READ)
@ResourceLock(value = "docker26", mode = ResourceAccessMode.READ)
class DoctorEngineTest {
  @TempDir Path folder;

  private DoctorFixture fixture(TestEngine engine) {
    DoctorFixture fixture = new DoctorFixture(folder, S3Servers.s3Mock());
    fixture.user().with(engine.environment());
    return fixture;
  }

  @Test
  void docker_20_with_its_graph_driver() {
    TestEngine engine = Engines.docker20();
    DoctorFixture.Report report = fixture(engine).doctor().exits(0).fails();
    assertThat(report.says("engine"))
        .startsWith("ok: 20.10.")
        .contains("linux/amd64", "image store overlay2", "API 1.41");
    assertThat(engine.engine().info().dataRoot()).startsWith("/");
  }

  @Test
  void docker_26_with_the_containerd_store() {
    DoctorFixture.Report report = fixture(Engines.docker26()).doctor().exits(0).fails();
    assertThat(report.says("engine")).startsWith("ok: 26.").contains("containerd image store");
    assertThat(report.checks("ok")).contains("abort");
  }

  @Test
  void an_engine_that_is_gone_is_told() {
    DoctorFixture fixture = fixture(Engines.docker20());
    String host = Engines.docker20().environment().getOrDefault("DOCKER_HOST", "");
    try (EngineGate gate = EngineGate.open(folder.resolve("g.sock"), host)) {
      fixture.user().with("DOCKER_HOST", gate.dockerHost());
      fixture.doctor("--role", "reader").exits(0).fails();
    }
    assertThat(fixture.doctor().exits(6).fails("engine").says("engine")).contains("g.sock");
  }
}
