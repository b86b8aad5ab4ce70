package dev.s3dock.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.engine.EngineException.Kind;
import dev.s3dock.testing.Noise;
import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.Plain;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("engine")
class FullDiskIT {
  private static final int DISK_MEBIBYTES = 24;
  private static final int IMAGE_BYTES = 48 << 20;

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"host", "trixie"})
  void load_that_fills_the_engines_disk_says_so(String release) throws IOException {
    byte[] noise = Noise.of(3, IMAGE_BYTES);
    Files.write(temp.resolve("noise"), noise);
    Files.writeString(temp.resolve("Dockerfile"), "FROM scratch\nCOPY noise /\n");
    DockerEngine source = Engines.docker20().engine();
    source.build(Plain.build(temp, "too-big:1"), OutputStream.nullOutputStream());
    try (TestEngine small = Engines.withSmallDisk("small", release, DISK_MEBIBYTES);
        InputStream image = source.export("too-big:1")) {
      DockerEngineContract.fails(
          () -> small.engine().load(image), Kind.NO_SPACE, "no space left on device");
      assertThat(small.engine().inspect("too-big:1")).isEmpty();
    }
    source.removeTag("too-big:1");
  }
}
