package dev.s3dock.verify;

import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Actor;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Images;
import dev.s3dock.registry.Pointers;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.registry.report.Deployments;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.engine.ImageSpec;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.transfer.push.PushingBucket;
import dev.s3dock.verify.ConsistentRead.Pause;
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
public final class VerifiedBucket {
  public static final ImageReference IMAGE = ImageReference.parse("my-app:20250721-2118-f7a5a27");
  public static final ImageReference OLDER = ImageReference.parse("my-app:20250620-1045-def5678");
  public static final String STEM = "images/my-app/202507/my-app-20250721-2118-f7a5a27";
  public static final Instant NOW = Instant.parse("2025-08-02T07:30:12Z");

  public final MemoryObjectStore store;
  public final PushingBucket pushing;
  public final List<Finding> findings = new ArrayList<>();
  public final Images images;
  public final Pointers pointers;
  public final Tags tags;
  public final Promotions promotions;
  public final Deployments deployments;
  private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private final Catalog catalog;
  private long verifiedImages;
  private Pause pause =
      time -> {
        throw new AssertionError("nothing here is young");
      };

  public VerifiedBucket(MemoryObjectStore store, Path spool) {
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
  public VerifiedBucket fill() throws IOException {
    pushing.push(OLDER, ImageSpec.small());
    pushing.push(IMAGE, ImageSpec.small().withFile("page", "new"));
    pushing.push(IMAGE, ImageSpec.small().withPlatform("linux/arm64"));
    tags.tag(OLDER, new Version("v1.0.0"), false);
    tags.tag(IMAGE, new Version("v1.1.0"), false);
    promotions.promote(OLDER, new Environment("staging"), Optional.empty());
    promotions.promote(
        IMAGE.app(), new Version("v1.1.0"), new Environment("production"), Optional.empty());
    deployments.report(
        IMAGE.app(),
        new Environment("production"),
        IMAGE,
        Optional.of(OLDER),
        "blue",
        "d-1",
        false);
    return this;
  }

  public void pausing(Pause newPause) {
    pause = newPause;
  }

  public Verifier verifier(boolean deep) {
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

  public List<Finding> all(boolean deep) {
    Verifier verifier = verifier(deep);
    verifier.all(Optional.empty());
    verifiedImages = verifier.summary().images();
    return List.copyOf(findings);
  }

  /** How many images the last run has looked at. */
  public long verifiedImages() {
    return verifiedImages;
  }

  public String text(String key) {
    return new String(
        store.get(new ObjectKey(key), 1 << 20).orElseThrow().content(), StandardCharsets.UTF_8);
  }

  public void put(String key, String text) {
    put(key, text.getBytes(StandardCharsets.UTF_8));
  }

  public void put(String key, byte[] content) {
    store.put(new ObjectKey(key), content, Precondition.none());
  }

  public void edit(String key, UnaryOperator<String> change) {
    String before = text(key);
    String after = change.apply(before);
    if (after.equals(before)) {
      throw new AssertionError("nothing was changed in " + before);
    }
    put(key, after);
  }

  public byte[] bytes(String key) {
    return store.get(new ObjectKey(key), 64 << 20).orElseThrow().content();
  }

  public void delete(String key) {
    if (store.head(new ObjectKey(key)).isEmpty()) {
      throw new AssertionError("there is no " + key);
    }
    store.delete(new ObjectKey(key));
  }
}
