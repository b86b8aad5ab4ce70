package dev.s3dock.doctor;

import dev.s3dock.registry.BucketLayout;
import java.util.List;
import java.util.Locale;

/** What a machine or an account does with a bucket. */
public enum Role {
  /** Pulls and looks. */
  READER(true, false),
  /** A host: brings live what others have promoted, and reports it. */
  DEPLOYER(true, false),
  /** Builds and pushes: the main job. */
  PUBLISHER(true, true),
  /** Gives versions, and says what runs where. */
  PROMOTER(false, false),
  /** Removes what nobody needs any more. */
  CLEANER(false, false);

  private final boolean needsEngine;
  private final boolean needsGit;

  Role(boolean needsEngine, boolean needsGit) {
    this.needsEngine = needsEngine;
    this.needsGit = needsGit;
  }

  /** Folders of the bucket that it writes to, beside temporary objects. */
  public List<String> writes() {
    return switch (this) {
      case READER, DEPLOYER -> List.of(); // reports have names that only the host may write
      case PUBLISHER ->
          List.of(
              BucketLayout.IMAGES,
              BucketLayout.MANIFESTS,
              BucketLayout.SET_ASIDE,
              BucketLayout.AUDIT);
      case PROMOTER -> List.of(BucketLayout.TAGS, BucketLayout.POINTERS, BucketLayout.AUDIT);
      case CLEANER ->
          List.of(
              BucketLayout.IMAGES,
              BucketLayout.MANIFESTS,
              BucketLayout.JOURNALS,
              BucketLayout.AUDIT);
    };
  }

  /** True if it works with a container engine. */
  public boolean needsEngine() {
    return needsEngine;
  }

  /** True if it builds out of a repository. */
  public boolean needsGit() {
    return needsGit;
  }

  /** True if it sends archives. */
  public boolean sendsArchives() {
    return this == PUBLISHER;
  }

  /** True if the doctor writes nothing for it. */
  public boolean onlyReads() {
    return this == READER || this == DEPLOYER;
  }

  /** True if it aborts the unfinished uploads of others. */
  public boolean sweepsUploads() {
    return this == CLEANER;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
