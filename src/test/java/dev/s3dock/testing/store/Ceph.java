package dev.s3dock.testing.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.testing.PlantedSecrets;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Debian's Ceph with its S3 gateway, a server that is not in this JVM: it starts when it is first
 * asked for, once, and is killed with the JVM. Tests that use it are tagged {@code ceph}; they need
 * root.
 */
public final class Ceph {
  private static final Path SCRIPT = Path.of("scripts/ceph").toAbsolutePath();
  private static final Path HOME = Path.of("target/ceph").toAbsolutePath();
  private static final int STOP_SECONDS = 60;

  private Ceph() {}

  /** The gateway; its buckets are made with {@link S3Servers#newBucket}. */
  public static S3Server server() {
    return Gateway.SERVER;
  }

  private static final class Gateway {
    static final S3Server SERVER = start();

    private static S3Server start() {
      try {
        Files.createDirectories(HOME);
        Path log = HOME.resolveSibling("ceph.log");
        ProcessBuilder builder =
            new ProcessBuilder(SCRIPT.toString(), "run", "--dir", HOME.toString())
                .redirectInput(new File("/dev/null"))
                .redirectError(log.toFile());
        builder.environment().put("AWS_ACCESS_KEY_ID", PlantedSecrets.ACCESS_KEY);
        builder.environment().put("AWS_SECRET_ACCESS_KEY", PlantedSecrets.SECRET_KEY);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process)));
        BufferedReader out = process.inputReader(UTF_8);
        String endpoint =
            Optional.ofNullable(out.readLine())
                .orElseThrow(() -> new AssertionError("Ceph does not start, see " + log));
        return new S3Server(
            "Ceph",
            URI.create(endpoint),
            "us-east-1",
            PlantedSecrets.ACCESS_KEY,
            PlantedSecrets.SECRET_KEY);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The kernel ends what the killed process has started. */
    private static void stop(Process process) {
      process.destroyForcibly();
      try {
        process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
