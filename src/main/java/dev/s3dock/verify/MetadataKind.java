package dev.s3dock.verify;

import dev.s3dock.image.AppName;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.PointerKind;
import dev.s3dock.store.ObjectKey;

/** A kind of small objects. */
enum MetadataKind {
  /** Versions, below {@code tags/}. */
  VERSIONS,
  /** Environments, below {@code pointers/}. */
  ENVIRONMENTS,
  /** What hosts report. */
  REPORTS,
  /** What leads from digests of manifests to images. */
  MANIFESTS,
  /** The audit trail. */
  EVENTS;

  /** The objects of this kind of pointer. */
  static MetadataKind of(PointerKind kind) {
    return switch (kind) {
      case VERSION -> VERSIONS;
      case ENVIRONMENT -> ENVIRONMENTS;
    };
  }

  /** What the keys of an app's objects start with. */
  String folder(AppName app) {
    return switch (this) {
      case VERSIONS -> BucketLayout.tagFolder(app);
      case ENVIRONMENTS -> BucketLayout.pointerFolder(app);
      case REPORTS -> BucketLayout.deploymentFolder(app);
      case MANIFESTS -> BucketLayout.manifestFolder(app);
      case EVENTS -> BucketLayout.auditFolder(app);
    };
  }

  /** True for the key of an object of this kind. */
  boolean isIn(ObjectKey key) {
    return switch (this) {
      case VERSIONS -> BucketLayout.parseTag(key).isPresent();
      case ENVIRONMENTS -> BucketLayout.parsePointer(key).isPresent();
      case REPORTS -> BucketLayout.isDeployment(key);
      case MANIFESTS -> BucketLayout.parseManifest(key).isPresent();
      case EVENTS -> BucketLayout.parseEvent(key).isPresent();
    };
  }
}
