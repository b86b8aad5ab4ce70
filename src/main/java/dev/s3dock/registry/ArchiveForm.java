package dev.s3dock.registry;

import dev.s3dock.store.ObjectKey;

/** How an archive is compressed as a whole, which its key tells. */
public enum ArchiveForm {
  /** A run of gzip members. */
  GZIP(".tar.gz"),
  /** A run of zstd frames. */
  ZSTD(".tar.zst");

  private final String suffix;

  ArchiveForm(String suffix) {
    this.suffix = suffix;
  }

  String suffix() {
    return suffix;
  }

  /** The form of the archive at this key. */
  static ArchiveForm of(ObjectKey archive) {
    return archive.value().endsWith(ZSTD.suffix) ? ZSTD : GZIP;
  }
}
