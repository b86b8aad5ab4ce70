package dev.s3dock.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.cli.User.Result;
import dev.s3dock.deploy.loadbalancer.Balancers;
import dev.s3dock.testing.Load;
import dev.s3dock.testing.Load.Report;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host whose engine has no room for the next image. */
@Tag("engine")
@Tag("loadbalancer")
@Order(3)
class FullDiskDeployTest {
  private static final int DISK_MEBIBYTES = 260;
  private static final String APP = "full-web";

  @TempDir Path folder;

  @Test
  void a_full_disk_is_named_and_what_serves_goes_on() throws IOException {
    try (WebHost builder = new WebHost(folder.resolve("builder"), Engines.reachable20());
        TestEngine small = Engines.withSmallDisk("full", "host", DISK_MEBIBYTES);
        DeployingHost host =
            new DeployingHost(
                builder.another(folder.resolve("host"), small),
                folder.resolve("host"),
                Balancers.haproxy(),
                APP,
                DeployingHost.TIMES)) {
      String v1 = builder.publish(APP, "v1");
      builder.publish(APP, "v2");
      host.deploy("v1").ok();
      Path filler = small.data().resolve("filler");
      Report report;
      Result result;
      try (Load load = host.load()) {
        load.awaitMore(20, DeployingHost.patience());
        fill(filler);
        result = host.deploy("v2");
        load.awaitMore(20, DeployingHost.patience());
        report = load.stop();
      }
      assertThat(report.failures()).as(report.toString()).isEmpty();
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("no space left on device", "docker image prune");
      assertThat(host.picture()).containsExactly(v1 + " RUNNING");
      Files.delete(filler);
      host.deploy("v2").ok();
    }
  }

  private static void fill(Path filler) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left on device");
    }
  }
}
