package dev.s3dock.cli.bucket;

import dev.s3dock.cli.User;
import dev.s3dock.testing.store.GeneratedBucket;
import dev.s3dock.testing.store.GeneratedS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Measures commands in a generated bucket and prints a table: {@code java ...
 * dev.s3dock.cli.bucket.Scale APPS IMAGES EVENTS HEAP_MIB BEGINNING}, the last for commands that
 * begin like that.
 */
public final class Scale {
  private static final String BIG = GeneratedBucket.BIG;
  private static final String SMALL = "app-0002";

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("current", BIG, "production"),
          List.of("list", "apps"),
          List.of("list", "images", SMALL),
          List.of("list", "images", BIG),
          List.of("list", "tags", SMALL),
          List.of("list", "tags", BIG),
          List.of("list", "envs", BIG),
          List.of("audit", SMALL, "--since", "1d"),
          List.of("audit", BIG, "--since", "1d"),
          List.of("audit", BIG, "--limit", "20"),
          List.of("history", SMALL, "production"),
          List.of("history", BIG, "production"),
          List.of("cleanup", SMALL),
          List.of("cleanup", SMALL, "--keep-last", "20"),
          List.of("cleanup", GeneratedBucket.FROZEN, "--keep-last", "20"),
          List.of("cleanup", BIG, "--keep-last", "20"),
          List.of("cleanup"),
          List.of("cleanup", "--keep-last", "20"),
          List.of("cleanup", "--older-than", "90d"),
          List.of("verify", SMALL),
          List.of("verify", BIG));

  private Scale() {}

  /** Runs them one after the other. */
  public static void main(String[] args) throws Exception {
    int heap = Integer.parseInt(args[3]);
    GeneratedBucket bucket =
        new GeneratedBucket(
            Integer.parseInt(args[0]),
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            Instant.now());
    Path folder = Files.createTempDirectory("scale");
    System.out.println(
        "| command | GET | LIST | LIST UPLOADS | time | heap held | resident | lines |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    try (GeneratedS3 server = new GeneratedS3(bucket)) {
      User user =
          new User(folder)
              .with("S3DOCK_BUCKET", "generated")
              .with("AWS_REGION", "us-east-1")
              .with("AWS_ENDPOINT_URL", server.endpoint().toString());
      for (List<String> command : COMMANDS) {
        if (!String.join(" ", command).startsWith(args[4])) {
          continue;
        }
        Measurement it = Measurement.of(user, folder, server, heap, command.toArray(String[]::new));
        System.out.printf(
            Locale.ROOT,
            "| `%s` | %,d | %,d | %,d | %.1f s | %d MiB | %d MiB | %,d |%n",
            String.join(" ", command),
            it.count("GET"),
            it.count("LIST"),
            it.count("LIST UPLOADS"),
            it.time().toMillis() / 1000.0,
            it.heldMib(),
            it.residentMib(),
            it.lines());
      }
    }
  }
}
