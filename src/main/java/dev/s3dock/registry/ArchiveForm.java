package dev.s3dock.registry;

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

  static ArchiveForm ofSuffix(String suffix) {
    return suffix.equals(ZSTD.suffix) ? ZSTD : GZIP;
  }
}
