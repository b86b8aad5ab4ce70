package dev.s3dock.cli.deploy;

import dev.s3dock.cli.User;
import dev.s3dock.testing.Scratch;
import dev.s3dock.testing.engine.Engines.TestEngine;
import dev.s3dock.testing.engine.WebImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What all versions of an app share, published once for an engine: a test that begins with a bucket
 * of its own begins with a copy of this, and so a push sends a version's own few bytes. It is an
 * image of the app, older than all others and without a version.
 */
final class StockedBucket {
  private static final Map<TestEngine, Map<String, Path>> MADE = new HashMap<>();

  private StockedBucket() {}

  /** Adds it to a bucket, a folder. */
  static void copy(TestEngine engine, String app, Path bucket) {
    Path stocked = of(engine, app);
    try (Stream<Path> files = Files.walk(stocked)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = bucket.resolve(stocked.relativize(file).toString());
        Files.createDirectories(target.getParent());
        if (!Files.exists(target)) {
          // the time of a file is a part of its ETag
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized Path of(TestEngine engine, String app) {
    return MADE.computeIfAbsent(engine, it -> new HashMap<>())
        .computeIfAbsent(app, it -> make(engine, app));
  }

  private static Path make(TestEngine engine, String app) {
    Path folder = Scratch.untilExit("stocked");
    Path bucket = folder.resolve("bucket");
    String reference = app + ":20250701-1200-0000000";
    WebImage.build(engine, reference, Map.of("VERSION", "none"), "");
    new User(folder)
        .with(engine.environment())
        .with("S3DOCK_BUCKET", bucket.toUri().toString())
        .s3dock("push", reference)
        .ok();
    engine.engine().removeTag(reference);
    return bucket;
  }
}
