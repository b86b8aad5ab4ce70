package dev.s3dock.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Platform;
import dev.s3dock.image.Version;
import dev.s3dock.registry.audit.AuditEntry;
import dev.s3dock.registry.audit.AuditLog;
import dev.s3dock.registry.audit.AuditSearch;
import dev.s3dock.registry.audit.AuditTrail;
import dev.s3dock.registry.audit.History;
import dev.s3dock.registry.audit.PushEvent;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.registry.gc.Retention;
import dev.s3dock.registry.layer.LayerHint;
import dev.s3dock.registry.layer.LayerHints;
import dev.s3dock.registry.promotion.Promotions;
import dev.s3dock.registry.promotion.Removals;
import dev.s3dock.registry.promotion.Tags;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.testing.Interleavings;
import dev.s3dock.testing.MovedClock;
import dev.s3dock.testing.store.MemoryObjectStore;
import dev.s3dock.transfer.TransferProgress;
import dev.s3dock.verify.Finding;
import dev.s3dock.verify.Verifier;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;

/**
 * A bucket with a past, and clients that do something to it: three old images, the second of which
 * is in production, where the first was before.
 */
public final class BucketFixture implements Interleavings.World {
  public static final AppName APP = new AppName("my-app");
  public static final Environment PRODUCTION = new Environment("production");
  public static final ImageReference FIRST = image("20250101-1000-aaaaaaa");
  public static final ImageReference SECOND = image("20250102-1000-bbbbbbb");
  public static final ImageReference THIRD = image("20250103-1000-ccccccc");
  public static final ImageReference FOURTH = image("20250104-1000-ddddddd");
  public static final ImageReference FIFTH = image("20250105-1000-eeeeeee");
  private static final Digest LAYER = Digest.of("layer".getBytes(UTF_8));
  public static final Version V1 = new Version("v1.0.0");

  /** Lets go all that is not needed, and keeps one image of each environment. */
  public static final Retention STRICT =
      new Retention(Optional.empty(), Optional.empty(), true, 1, Optional.of(Duration.ofDays(30)));

  private static final Actor ACTOR = new Actor("tester", "host-1", "s3dock test");

  private final MovedClock time = new MovedClock(Instant.parse("2025-02-01T12:00:00Z"));
  public final MemoryObjectStore store = new MemoryObjectStore(time::instant);
  private final List<Callable<String>> clients = new ArrayList<>();
  private final boolean served;

  public BucketFixture() {
    this(false);
  }

  /** One whose images have manifests that they are served by: the same content has the same. */
  public static BucketFixture served() {
    return new BucketFixture(true);
  }

  private BucketFixture(boolean served) {
    this.served = served;
    for (ImageReference image : List.of(FIRST, SECOND, THIRD)) {
      push(store, BucketLayout.image(image), "archive of " + image);
      pass(Duration.ofMinutes(2));
    }
    promotions(store).promote(FIRST, PRODUCTION, Optional.empty());
    pass(Duration.ofMinutes(2));
    promotions(store).promote(SECOND, PRODUCTION, Optional.empty());
    pass(Duration.ofDays(100));
  }

  public static ImageReference image(String tag) {
    return ImageReference.ofTag(APP, tag).orElseThrow();
  }

  public void pass(Duration duration) {
    time.pass(duration);
  }

  public Clock clock() {
    return time;
  }

  @Override
  public MemoryObjectStore store() {
    return store;
  }

  @Override
  public List<Callable<String>> clients() {
    return clients;
  }

  public Images images(ObjectStore on) {
    return new Images(on, time);
  }

  public Pointers pointers(ObjectStore on) {
    return new Pointers(on, images(on), time, ACTOR);
  }

  public AuditLog audit(ObjectStore on) {
    return new AuditLog(on, time, ACTOR);
  }

  public Promotions promotions(ObjectStore on) {
    return new Promotions(images(on), pointers(on), new Catalog(on, pointers(on)), audit(on));
  }

  public Cleanup cleanup(ObjectStore on) {
    return new Cleanup(on, pointers(on), new AuditTrail(on), audit(on), time, ACTOR, 1);
  }

  public BucketFixture promoting(ImageReference image) {
    return promoting(image, store);
  }

  public BucketFixture promoting(ImageReference image, ObjectStore on) {
    clients.add(
        () -> "promoted " + promotions(on).promote(image, PRODUCTION, Optional.empty()).image());
    return this;
  }

  public BucketFixture promotingVersion() {
    clients.add(
        () ->
            "promoted " + promotions(store).promote(APP, V1, PRODUCTION, Optional.empty()).image());
    return this;
  }

  public BucketFixture goingBack() {
    clients.add(
        () ->
            "promoted "
                + promotions(store).back(APP, PRODUCTION, new AuditTrail(store, 1)).image());
    return this;
  }

  /** The first image has a version. */
  public BucketFixture withVersion() {
    new Tags(images(store), pointers(store), audit(store)).tag(FIRST, V1, false);
    return this;
  }

  public BucketFixture tagging(ImageReference image, boolean move) {
    clients.add(
        () ->
            "tagged "
                + new Tags(images(store), pointers(store), audit(store))
                    .tag(image, V1, move)
                    .image());
    return this;
  }

  public Removals removals(ObjectStore on) {
    return new Removals(on, pointers(on), new Catalog(on, pointers(on)), audit(on), 1);
  }

  public BucketFixture removingVersion() {
    return removingVersion(store);
  }

  public BucketFixture removingVersion(ObjectStore on) {
    clients.add(
        () -> {
          Removals removals = removals(on);
          removals.remove(removals.version(APP, V1));
          return "removed " + V1;
        });
    return this;
  }

  public BucketFixture removingProduction() {
    clients.add(
        () -> {
          Removals removals = removals(store);
          removals.remove(removals.environment(APP, PRODUCTION, false));
          return "removed " + PRODUCTION;
        });
    return this;
  }

  public BucketFixture removing(ImageReference image) {
    clients.add(() -> "dropped " + remove(image, store));
    return this;
  }

  /** Removes an image by its name; what is gone. */
  public List<String> remove(ImageReference image, ObjectStore on) {
    List<String> gone = new ArrayList<>();
    images(on).require(image);
    Cleanup cleanup = cleanup(on);
    cleanup.remove(
        APP,
        cleanup.named(image, 0),
        new Cleanup.Listener() {
          @Override
          public void removed(Removal removal) {
            gone.add(removal.name());
          }

          @Override
          public void kept(Removal removal, String why) {}
        });
    return gone;
  }

  public BucketFixture cleaning() {
    return cleaning(UnaryOperator.identity());
  }

  /** With a store that is not what it should be. */
  public BucketFixture cleaning(UnaryOperator<ObjectStore> spoil) {
    clients.add(
        () -> {
          List<String> gone = new ArrayList<>();
          cleanup(spoil.apply(store))
              .apply(
                  APP,
                  STRICT,
                  new Cleanup.Listener() {
                    @Override
                    public void removed(Removal removal) {
                      gone.add(removal.name());
                    }

                    @Override
                    public void kept(Removal removal, String why) {}
                  });
          return "cleaned " + gone;
        });
    return this;
  }

  /** The first image has a layer, to which a hint leads. */
  public BucketFixture withLayer() {
    ObjectNode index = served("archive of " + FIRST);
    index.putArray("layers").addObject().put("diff_id", LAYER.toString()).put("size", 2L << 20);
    images(store).writes().complete(images(store).require(FIRST), index);
    hint(FIRST);
    return this;
  }

  /** The end of a push of an image that has the same layer. */
  public BucketFixture hinting(ImageReference image) {
    clients.add(
        () -> {
          hint(image);
          return "completed";
        });
    return this;
  }

  private void hint(ImageReference image) {
    ObjectKey archive = BucketLayout.image(image).archive(ArchiveForm.GZIP);
    ETag state = store.head(archive).orElseThrow().etag();
    LayerHint hint = new LayerHint(LAYER, archive, state, 0, 1, "compressor");
    new LayerHints(store, 1).record(List.of(hint), Set.of(LAYER));
  }

  /** A copy that has found what the metadata of this image lacks, as one of before. */
  public BucketFixture completing(ImageReference image) {
    clients.add(
        () -> {
          Images images = images(store);
          Published found = images.require(image);
          return "completed " + images.writes().complete(found, served("archive of " + image));
        });
    return this;
  }

  /** A verify, which waits for the others where it would wait for seconds. */
  public BucketFixture verifying() {
    clients.add(
        () -> {
          List<String> damage = new ArrayList<>();
          Images images = images(store);
          new Verifier(
                  store,
                  images,
                  pointers(store),
                  new Catalog(store, pointers(store)),
                  time,
                  waiting -> Interleavings.pause(),
                  new Verifier.Reading(false, 0, 1, 1, TransferProgress.NONE),
                  finding -> {
                    if (finding.severity() == Finding.Severity.DAMAGE) {
                      damage.add(finding.toString());
                    }
                  })
              .all(Optional.empty());
          return "verified " + damage;
        });
    return this;
  }

  /** Another image with the content of one that is there, pushed long ago. */
  public BucketFixture withSameContent(ImageReference image, ImageReference other) {
    push(store, BucketLayout.image(other), "archive of " + image);
    pass(Duration.ofDays(100));
    return this;
  }

  /** An image of which nothing is left but what leads to it. */
  public BucketFixture withoutMetadata(ImageReference image, String content) {
    push(store, BucketLayout.image(image), content);
    store.delete(BucketLayout.image(image).metadata());
    store.delete(BucketLayout.image(image).archive(ArchiveForm.GZIP));
    pass(Duration.ofDays(100));
    return this;
  }

  /** An archive whose push ended long ago, just before the metadata. */
  public BucketFixture withOrphan(ImageReference image, String content) {
    push(store, BucketLayout.image(image), content);
    store.delete(BucketLayout.image(image).metadata());
    pass(Duration.ofDays(100));
    return this;
  }

  public BucketFixture pushing(ImageReference image, String content) {
    return pushing(image, content, store);
  }

  public BucketFixture pushing(ImageReference image, String content, ObjectStore on) {
    clients.add(() -> push(on, BucketLayout.image(image), content));
    return this;
  }

  public BucketFixture pushingFurtherPlatform(ImageReference image) {
    clients.add(
        () -> {
          Optional<Published> first = images(store).find(image);
          return first.isPresent()
              ? push(
                  store,
                  BucketLayout.furtherPlatform(first.get().key(), Platform.parse("linux/arm64")),
                  "arm64 of " + image)
              : push(store, BucketLayout.image(image), "arm64 of " + image);
        });
    return this;
  }

  /** The store calls of {@code transfer.Publication}, in its order. */
  private String push(ObjectStore on, ImageKey key, String content) {
    Images images = images(on);
    byte[] bytes = content.getBytes(UTF_8);
    Optional<Published> before = images.at(key);
    if (before.filter(p -> p.metadata().checksum().equals(md5(bytes))).isPresent()) {
      images.writes().ensureManifest(before.get());
      audit(on).append(key.reference(), pushed(key, bytes, true, false));
      return "unchanged " + key.reference();
    }
    ETag archive;
    try (MultipartUpload upload = on.startUpload(key.archive(ArchiveForm.GZIP))) {
      upload.uploadPart(1, bytes, 0, bytes.length);
      images.writes().makeWay(key, before);
      archive = upload.complete();
    }
    images
        .writes()
        .publish(key, new ImageMetadata(md5(bytes), bytes.length, index(content)), archive, before);
    audit(on).append(key.reference(), pushed(key, bytes, false, before.isPresent()));
    return "pushed " + key.archive(ArchiveForm.GZIP);
  }

  private Optional<ObjectNode> index(String content) {
    if (!served) {
      return Optional.empty();
    }
    return Optional.of(served(content));
  }

  private static ObjectNode served(String content) {
    ObjectNode index = Documents.create();
    index
        .putObject("manifest")
        .put("media_type", "application/vnd.oci.image.manifest.v1+json")
        .put("digest", manifest(content).toString())
        .put("size", content.length());
    return index;
  }

  /** The digest by which an archive with this content is served. */
  public static Digest manifest(String content) {
    return Digest.of(content.getBytes(UTF_8));
  }

  /** What was found by digests of manifests, of those that lead anywhere. */
  public List<String> foundByDigest() {
    return keys("manifests/").stream()
        .map(key -> BucketLayout.parseManifest(new ObjectKey(key)).orElseThrow())
        .map(digest -> images(store).find(APP, digest))
        .map(found -> found.map(image -> image.key().reference().toString()).orElse("nothing"))
        .toList();
  }

  private static PushEvent pushed(ImageKey key, byte[] bytes, boolean skipped, boolean archived) {
    return new PushEvent(
        key.reference().toString(),
        key.archive(ArchiveForm.GZIP).value(),
        md5(bytes),
        bytes.length,
        skipped,
        archived);
  }

  public static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  public void put(String key, String text) {
    store.put(new ObjectKey(key), text.getBytes(UTF_8), Precondition.none());
  }

  public List<String> keys(String prefix) {
    return store.list(prefix).map(ObjectStat::key).map(ObjectKey::value).toList();
  }

  /** Whoever wants to hear nothing of a cleanup. */
  public static final Cleanup.Listener SILENT =
      new Cleanup.Listener() {
        @Override
        public void removed(Removal removal) {}

        @Override
        public void kept(Removal removal, String why) {}
      };

  public void apply(Retention retention) {
    cleanup(store).apply(APP, retention, SILENT);
  }

  public BucketFixture withVersionOfThird() {
    new Tags(images(store), pointers(store), audit(store)).tag(THIRD, V1, false);
    return this;
  }

  public History history() {
    return new History(
        new AuditSearch(store, time), pointers(store), new Catalog(store, pointers(store)));
  }

  /** The metadata that a cleanup has marked, and not being deleted. */
  public List<String> marked() {
    return keys("images/").stream()
        .filter(key -> key.endsWith(".json"))
        .filter(
            key ->
                store
                    .get(new ObjectKey(key), 1 << 20)
                    .flatMap(found -> Tombstone.of(Documents.parse(found.key(), found.content())))
                    .filter(mark -> !mark.isDeleting())
                    .isPresent())
        .toList();
  }

  /** The objects of the audit trail. */
  public SortedMap<String, byte[]> events() {
    return store.contents().tailMap("audit/").headMap("audit0");
  }

  /**
   * Makes sure that no event is lost or changed, and that all can be read.
   *
   * @param before those that there were
   * @return how many there are more
   */
  public int requireTrailWith(SortedMap<String, byte[]> before) {
    SortedMap<String, byte[]> now = events();
    before.forEach(
        (key, content) -> {
          if (!Arrays.equals(content, now.get(key))) {
            throw new AssertionError(key + " is lost, or another one");
          }
        });
    now.forEach((key, content) -> AuditEntry.Event.parse(new ObjectKey(key), content));
    return now.size() - before.size();
  }

  /** What must hold of a bucket whatever has been done to it. */
  public void requireSound() {
    Images images = images(store);
    for (String key : keys("images/")) {
      if (key.endsWith(".json")) {
        BucketLayout.parseImage(new ObjectKey(key))
            .flatMap(images::at)
            .ifPresent(this::requireWhole);
      }
    }
    new LayerHints(store, 1)
        .find(List.of(LAYER))
        .forEach(hint -> assertThat(store.head(hint.archive())).as(hint.toString()).isPresent());
    for (String prefix : List.of("pointers/", "tags/")) {
      for (String key : keys(prefix)) {
        pointers(store).read(new ObjectKey(key)).ifPresent(this::requirePublished);
      }
    }
  }

  private void requireWhole(Published image) {
    image
        .metadata()
        .manifest()
        .filter(manifest -> images(store).find(APP, manifest.digest()).isEmpty())
        .ifPresent(
            manifest -> {
              throw new AssertionError(image.key() + " is not found by " + manifest.digest());
            });
    byte[] archive =
        store
            .get(image.archive(), 1 << 20)
            .orElseThrow(() -> new AssertionError(image.key() + " is published without archive"))
            .content();
    if (!md5(archive).equals(image.metadata().checksum())) {
      throw new AssertionError(image.key() + " has other bytes than its metadata says");
    }
  }

  private void requirePublished(Pointer pointer) {
    ImageKey image = pointers(store).follow(pointer);
    if (images(store).at(image).isEmpty()) {
      throw new AssertionError(pointer.key() + " leads to " + image + ", which is not published");
    }
  }
}
