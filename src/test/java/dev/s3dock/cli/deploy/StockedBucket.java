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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What all versions of an app share, published once for an engine: a test that begins with a bucket
 * of its own begins with a copy of this, and so a push sends a version's own few bytes. It is an
 * image of the app, older than all others and without a version.
 *
 * <p>A version that several tests publish, each in its own bucket, is kept when it is published for
 * the second time, and copied from then on.
 */
final class StockedBucket {
  private static final Map<TestEngine, Map<String, Path>> MADE = new HashMap<>();

  private static final Set<Published> SEEN = ConcurrentHashMap.newKeySet();
  private static final Map<Published, Path> KEPT = new ConcurrentHashMap<>();

  private StockedBucket() {}

  /** What makes a version the same in every bucket. */
  record Published(
      TestEngine engine, String reference, String version, Map<String, String> settings) {}

  /** Adds it to a bucket, a folder. */
  static void copy(TestEngine engine, String app, Path bucket) {
    Path stocked = of(engine, app);
    copy(files(stocked), stocked, bucket);
  }

  /** Adds a version to a bucket, a folder: by publishing it there, or as a copy. */
  static void add(Published published, Path bucket, Runnable publish) {
    Path kept = KEPT.get(published);
    if (kept != null) {
      copy(files(kept), kept, bucket);
    } else if (SEEN.add(published)) {
      publish.run();
    } else {
      Set<Path> before = Set.copyOf(files(bucket));
      publish.run();
      Path version = Scratch.untilExit("version");
      copy(files(bucket).stream().filter(it -> !before.contains(it)).toList(), bucket, version);
      KEPT.put(published, version);
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(List<Path> files, Path from, Path bucket) {
    try {
      for (Path file : files) {
        Path target = bucket.resolve(from.relativize(file).toString());
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
