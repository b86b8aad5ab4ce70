package dev.s3dock.verify;

import dev.s3dock.verify.Finding.Severity;
import java.util.EnumMap;
import java.util.Map;

/**
 * What was looked at, and what was found.
 *
 * @param images published ones, each platform by itself
 * @param bytes of their archives
 * @param bytesRead of archives that were read
 * @param pointers versions and environments
 * @param reports of hosts
 * @param events of the audit trails
 */
public record VerifyResult(
    long images,
    long bytes,
    long bytesRead,
    long pointers,
    long reports,
    long events,
    long damaged,
    long leftOver,
    long notes,
    long notChecked) {

  /** True if there was a finding of any kind. */
  public boolean findsAnything() {
    return damaged + leftOver + notes + notChecked > 0;
  }

  /** Counts objects and findings; not for several threads at once. */
  static final class Tally {
    private final Map<MetadataKind, Long> objects = new EnumMap<>(MetadataKind.class);
    private final Map<Severity, Long> findings = new EnumMap<>(Severity.class);
    private long images;
    private long bytes;

    void image(boolean published, long size) {
      images += published ? 1 : 0;
      bytes += size;
    }

    long images() {
      return images;
    }

    void object(MetadataKind part) {
      objects.merge(part, 1L, Long::sum);
    }

    void finding(Severity severity) {
      findings.merge(severity, 1L, Long::sum);
    }

    VerifyResult summary(long bytesRead) {
      return new VerifyResult(
          images,
          bytes,
          bytesRead,
          count(MetadataKind.VERSIONS) + count(MetadataKind.ENVIRONMENTS),
          count(MetadataKind.REPORTS),
          count(MetadataKind.EVENTS),
          count(Severity.DAMAGE),
          count(Severity.LEFTOVER),
          count(Severity.NOTE),
          count(Severity.NOT_CHECKED));
    }

    private long count(MetadataKind part) {
      return objects.getOrDefault(part, 0L);
    }

    private long count(Severity severity) {
      return findings.getOrDefault(severity, 0L);
    }
  }
}
