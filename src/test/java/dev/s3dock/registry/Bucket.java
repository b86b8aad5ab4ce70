package dev.s3dock.registry;

import dev.s3dock.image.AppName;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.store.MemoryObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A bucket in memory with the registry's parts on it, at a fixed minute. */
public final class Bucket {
  public static final Instant NOW = Instant.parse("2025-08-02T07:30:12.250Z");
  public static final AppName APP = new AppName("my-app");

  public final MemoryObjectStore store = new MemoryObjectStore();
  public final Clock clock = Clock.fixed(NOW, ZoneOffset.ofHours(2));
  public final Images images = new Images(store, clock);
  public final Actor actor = new Actor("deployer", "host-1", "s3dock test");
  public final Pointers pointers = new Pointers(store, images, clock, actor);
  public final Catalog catalog = new Catalog(store, pointers);
  public final AuditLog audit = new AuditLog(store, clock, actor);
  public final Tags tags = new Tags(images, pointers, audit);
  public final Promotions promotions = new Promotions(images, pointers, catalog, audit);
  public final Resolver resolver = new Resolver(images, pointers, catalog);

  public static ImageReference image(String tag) {
    return ImageReference.ofTag(APP, tag).orElseThrow();
  }

  /** Publishes an image whose archive is nothing but text. */
  public ImageReference publish(String tag) {
    return publish(BucketLayout.image(image(tag)));
  }

  public ImageReference publish(ImageKey key) {
    var archive = put(key.archive(ArchiveForm.GZIP), "archive of " + key.reference().tag());
    images
        .writes()
        .publish(
            key, new ImageMetadata("0".repeat(32), 7, Optional.empty()), archive, Optional.empty());
    return key.reference();
  }

  public ETag put(ObjectKey key, String text) {
    return store.put(key, text.getBytes(StandardCharsets.UTF_8), Precondition.none());
  }

  public String text(String key) {
    return new String(
        store.get(new ObjectKey(key), 1 << 20).orElseThrow().content(), StandardCharsets.UTF_8);
  }

  /** A document without the token of its write, which must be its last field. */
  public String unsigned(String key) {
    String signed = text(key);
    String unsigned = signed.replaceFirst(",\n  \"write_id\": \"[0-9a-f-]{36}\"\n}$", "\n}");
    if (unsigned.equals(signed)) {
      throw new AssertionError(key + " has no token: " + signed);
    }
    return unsigned;
  }

  public List<String> keys(String prefix) {
    try (var objects = store.list(prefix)) {
      return objects.map(object -> object.key().value()).toList();
    }
  }

  /** The objects of the original, as the samples have them. */
  public static Bucket ofTheOriginal() {
    Bucket bucket = new Bucket();
    loadSamples(bucket.store);
    return bucket;
  }

  private static void loadSamples(ObjectStore store) {
    Path root = Path.of("src/test/resources/original-bucket");
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        store.put(
            new ObjectKey(root.relativize(file).toString()),
            Files.readAllBytes(file),
            Precondition.none());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
