package dev.s3dock.transfer;

import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.AuditLog;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.ConsistentRead.Pause;
import dev.s3dock.registry.Deployments;
import dev.s3dock.registry.Finding;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.Promotions;
import dev.s3dock.registry.Tags;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.ImageSpec;
import dev.s3dock.testing.MemoryObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A bucket of real pushes, with versions, environments and reports, that is verified. */
final class VerifiedBucket {
  static final ImageReference IMAGE = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  static final ImageReference OLDER = ImageReference.parse("my-app:20250620-1045-def5678");
  static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";
  static final Instant NOW = Instant.parse("2025-08-02T07:30:12Z");

  final MemoryObjectStore store;
  final PushingBucket pushing;
  final List<Finding> findings = new ArrayList<>();
  final Images images;
  final Pointers pointers;
  final Tags tags;
  final Promotions promotions;
  final Deployments deployments;
  private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private final Catalog catalog;
  private long verifiedImages;
  private Pause pause =
      time -> {
        throw new AssertionError("nothing here is young");
      };

  VerifiedBucket(MemoryObjectStore store, Path spool) {
    this.store = store;
    this.pushing = new PushingBucket(store, spool, clock);
    Actor actor = new Actor("deployer", "web-1", "s3dock test");
    this.images = new Images(store, clock);
    this.pointers = new Pointers(store, images, clock, actor);
    this.catalog = new Catalog(store, pointers);
    AuditLog audit = new AuditLog(store, clock, actor);
    this.tags = new Tags(images, pointers, audit);
    this.promotions = new Promotions(images, pointers, catalog, audit);
    this.deployments = new Deployments(store, clock, actor);
  }

  /** Two images, one of them on two platforms, with everything that can lead to them. */
  VerifiedBucket fill() throws IOException {
    pushing.push(OLDER, ImageSpec.small());
    pushing.push(IMAGE, ImageSpec.small().withFile("page", "new"));
    pushing.push(IMAGE, ImageSpec.small().withPlatform("linux/arm64"));
    tags.tag(OLDER, new Version("v1.0.0"), false);
    tags.tag(IMAGE, new Version("v1.1.0"), false);
    promotions.promote(OLDER, new Environment("staging"), Optional.empty());
    promotions.promote(
        IMAGE.app(), new Version("v1.1.0"), new Environment("production"), Optional.empty());
    deployments.report(
        IMAGE.app(), new Environment("production"), IMAGE, Optional.of(OLDER), "blue", "d-1");
    return this;
  }

  void pausing(Pause newPause) {
    pause = newPause;
  }

  Verifier verifier(boolean deep) {
    findings.clear();
    return new Verifier(
        store,
        images,
        pointers,
        catalog,
        clock,
        pause,
        new Verifier.Reading(deep, 0, 2, Verifier.AT_ONCE, TransferProgress.NONE),
        findings::add);
  }

  List<Finding> all(boolean deep) {
    Verifier verifier = verifier(deep);
    verifier.all(Optional.empty());
    verifiedImages = verifier.summary().images();
    return List.copyOf(findings);
  }

  /** How many images the last run has looked at. */
  long verifiedImages() {
    return verifiedImages;
  }

  String text(String key) {
    return new String(
        store.get(new ObjectKey(key), 1 << 20).orElseThrow().content(), StandardCharsets.UTF_8);
  }

  void put(String key, String text) {
    put(key, text.getBytes(StandardCharsets.UTF_8));
  }

  void put(String key, byte[] content) {
    store.put(new ObjectKey(key), content, Precondition.none());
  }

  void edit(String key, UnaryOperator<String> change) {
    String before = text(key);
    String after = change.apply(before);
    if (after.equals(before)) {
      throw new AssertionError("nothing was changed in " + before);
    }
    put(key, after);
  }

  byte[] bytes(String key) {
    return store.get(new ObjectKey(key), 64 << 20).orElseThrow().content();
  }

  void delete(String key) {
    if (store.head(new ObjectKey(key)).isEmpty()) {
      throw new AssertionError("there is no " + key);
    }
    store.delete(new ObjectKey(key));
  }
}
