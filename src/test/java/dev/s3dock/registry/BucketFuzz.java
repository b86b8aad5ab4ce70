package dev.s3dock.registry;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.registry.Manifests.ManifestObject;
import dev.s3dock.registry.audit.AuditEntry;
import dev.s3dock.registry.report.HostReport;
import dev.s3dock.store.ETag;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.StoredObject;
import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Objects of a bucket, and their keys. */
public final class BucketFuzz {
  private static final ObjectKey POINTER = new ObjectKey("pointers/my-app/production.json");
  private static final ObjectKey IMAGE =
      new ObjectKey("images/my-app/202507/my-app-20250721-2118-f7a5a27.json");
  private static final ObjectKey EVENT =
      new ObjectKey("audit/my-app/202508/20250802-0930-promotion-f7a5a27.json");
  private static final ObjectKey REPORT = new ObjectKey("deployments/my-app/production/host.json");

  private BucketFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        FuzzTarget.of("keys", RegistryException.class, BucketFuzz::keys),
        FuzzTarget.of("pointer", RegistryException.class, BucketFuzz::pointer),
        FuzzTarget.of("metadata", RegistryException.class, BucketFuzz::metadata),
        FuzzTarget.of("audit-event", RegistryException.class, BucketFuzz::event),
        FuzzTarget.of("deployment", RegistryException.class, BucketFuzz::report),
        FuzzTarget.of("manifest-object", RegistryException.class, BucketFuzz::manifest));
  }

  private static void keys(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    if (!ObjectKey.isValid(text)) {
      return;
    }
    ObjectKey key = new ObjectKey(text);
    BucketLayout.parseImage(key)
        .ifPresent(
            image -> {
              require(
                  image.archives().contains(key) || image.metadata().equals(key),
                  "neither archive nor metadata");
              image.archivedArchive(ArchiveForm.ZSTD, Instant.EPOCH, 1);
              image.archivedMetadata(Instant.EPOCH, 2);
            });
    BucketLayout.parseTag(key);
    BucketLayout.parsePointer(key);
    BucketLayout.parseEvent(key).ifPresent(EventKey::at);
    BucketLayout.isDeployment(key);
    BucketLayout.parseManifest(key)
        .ifPresent(digest -> require(text.contains(digest.hex()), "another digest"));
    BucketLayout.parseMonth(text);
  }

  private static void pointer(byte[] input) {
    Pointer.parse(new StoredObject(POINTER, input, new ETag("\"1\"")))
        .ifPresent(
            pointer -> {
              require(pointer.target().key().value().contains("/my-app/"), "leads to another app");
              pointer.sourceImage();
              pointer.sourceTag();
              require(Documents.write(pointer.document()).length > 0, "cannot be written again");
            });
  }

  private static void metadata(byte[] input) {
    ImageMetadata metadata = ImageMetadata.parse(IMAGE, Documents.parse(IMAGE, input));
    require(metadata.size() > 0, "an archive without bytes");
    metadata.form();
  }

  private static void event(byte[] input) {
    AuditEntry.Event event = AuditEntry.Event.parse(EVENT, input);
    event.previous();
    event.image();
    event.user();
    event.what().write(Documents.create());
  }

  private static void report(byte[] input) {
    HostReport.parse(new StoredObject(REPORT, input, new ETag("\"1\"")));
  }

  private static void manifest(byte[] input) {
    AppName app = new AppName("my-app");
    Digest digest = new Digest("0".repeat(64));
    ManifestObject read =
        ManifestObject.parse(
            app,
            digest,
            new StoredObject(BucketLayout.manifest(app, digest), input, new ETag("\"1\"")));
    List<ImageKey> images = read.images();
    require(
        images.stream().allMatch(image -> image.reference().app().equals(app)), "another app's");
    require(Documents.write(read.without(images)).length > 0, "cannot be written again");
  }
}
