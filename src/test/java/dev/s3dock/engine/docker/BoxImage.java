package dev.s3dock.engine.docker;

import dev.s3dock.testing.engine.Engines;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.Plain;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** An image with busybox's shell and tools. */
final class BoxImage {
  private BoxImage() {}

  /**
   * Builds it in an engine; again is quick.
   *
   * @param more lines of its Dockerfile
   */
  static String build(TestEngine engine, Path temp, String reference, String more) {
    try {
      Path context = Files.createDirectories(temp.resolve("box"));
      Files.copy(
          Engines.busybox(), context.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(
          context.resolve("Dockerfile"),
          """
          FROM scratch
          COPY busybox /bin/busybox
          RUN ["/bin/busybox", "--install", "-s", "/bin"]
          CMD ["sleep", "3600"]
          """
              + more);
      return engine
          .engine()
          .build(Plain.build(context, reference), OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
