package dev.s3dock.doctor;

import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ETag;
import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.UnfinishedUpload;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What roles need that send archives or sweep up after those that did: uploads in parts. */
final class UploadChecks {
  /** Parts of smaller objects cannot be copied by range (Amazon S3, "UploadPartCopy"). */
  private static final int BYTES = MultipartUpload.MIN_PART_BYTES + 1;

  private static final long SEED = 20250721L;
  private static final ByteRange RANGE = new ByteRange(BYTES / 2, 1000);
  private static final ETag OTHER_STATE = new ETag("00000000000000000000000000000000");

  private final ObjectStore store;
  private final StoreCapabilities probe;
  private final Role role;

  UploadChecks(ObjectStore store, StoreCapabilities probe, Role role) {
    this.store = store;
    this.probe = probe;
    this.role = role;
  }

  void run(Consumer<CheckResult> report) {
    try (ScratchObjects scratch = new ScratchObjects(store, report)) {
      if (role.sendsArchives()) {
        sending(scratch, report);
      }
      report.accept(abort(scratch.next()));
      if (role.sweepsUploads()) {
        report.accept(uploads(scratch));
      }
    }
  }

  private void sending(ScratchObjects scratch, Consumer<CheckResult> report) {
    byte[] content = new byte[BYTES];
    new Random(SEED).nextBytes(content);
    ObjectKey key = scratch.next();
    ObjectStat sent;
    try (MultipartUpload upload = store.startUpload(key)) {
      ETag part = upload.uploadPart(1, content, 0, content.length);
      ETag whole = upload.complete();
      sent = store.head(key).orElseThrow(() -> lost(key));
      if (sent.size() != BYTES || !sent.etag().equals(whole)) {
        throw lost(key);
      }
      report.accept(CheckResult.ok("upload in parts", "begun, sent and completed"));
      report.accept(tokens(part, content));
    } catch (StoreException e) {
      report.accept(CheckResult.failure("upload in parts", e));
      return;
    }
    report.accept(range(sent, content));
    report.accept(copyPart(sent, scratch.next()));
    report.accept(copy(sent, scratch));
  }

  private static StoreException lost(ObjectKey key) {
    return new StoreException(
        Kind.FAILED,
        key
            + " was completed, but is not stored as it was sent; use a store with read-after-write consistency");
  }

  private static CheckResult tokens(ETag part, byte[] content) {
    boolean md5 = part.value().equals(md5(content));
    return CheckResult.ok(
        "etag",
        md5
            ? "the ETag of a part is the MD5 of its bytes"
            : "the ETag of a part is not its MD5 (encrypted with KMS?): copied parts are not compared");
  }

  private static String md5(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  private CheckResult range(ObjectStat object, byte[] content) {
    byte[] expected = Arrays.copyOfRange(content, (int) RANGE.offset(), (int) RANGE.end());
    try (InputStream in = store.read(object.key(), RANGE, object.etag())) {
      return Arrays.equals(in.readAllBytes(), expected)
          ? CheckResult.ok("range", "a range request returns exactly its bytes")
          : CheckResult.failure(
              "range",
              new StoreException(
                  Kind.FAILED,
                  "the store returns other bytes than the requested range; use a store that supports range requests"));
    } catch (StoreException e) {
      return CheckResult.failure("range", e);
    } catch (IOException e) {
      return CheckResult.failure("range", ReadChecks.brokenOff(e));
    }
  }

  private CheckResult copyPart(ObjectStat from, ObjectKey to) {
    ByteRange whole = new ByteRange(0, from.size());
    try (MultipartUpload upload = store.startUpload(to)) {
      upload.copyPart(1, from, whole);
      ObjectStat other = new ObjectStat(from.key(), from.size(), OTHER_STATE, from.lastModified());
      upload.copyPart(2, other, whole);
      return CheckResult.warning(
          "copy of parts",
          "the store ignores the condition on a part's source; do not replace an image while"
              + " another one that shares its layers is pushed");
    } catch (StoreException e) {
      return switch (e.kind()) {
        case PRECONDITION_FAILED ->
            CheckResult.ok(
                "copy of parts", "parts are copied inside the store, if their source is unchanged");
        case UNSUPPORTED ->
            CheckResult.warning(
                "copy of parts",
                "the store does not copy parts, so every push uploads its whole archive");
        default -> CheckResult.failure("copy of parts", e);
      };
    }
  }

  /** Of an object that was uploaded in parts, as archives are: some stores treat it differently. */
  private CheckResult copy(ObjectStat from, ScratchObjects scratch) {
    try {
      store.copy(from, scratch.next());
    } catch (StoreException e) {
      return CheckResult.failure("copy", e.kind() == Kind.PRECONDITION_FAILED ? noCopies(e) : e);
    }
    try {
      store.copy(
          new ObjectStat(from.key(), from.size(), OTHER_STATE, from.lastModified()),
          scratch.next());
    } catch (StoreException e) {
      return e.kind() == Kind.PRECONDITION_FAILED
          ? CheckResult.ok(
              "copy", "objects are copied inside the store, if their source is unchanged")
          : CheckResult.failure("copy", e);
    }
    return CheckResult.warning(
        "copy",
        "the store ignores the condition on a copy's source; do not push one commit twice at the same time, or the wrong archive may be kept in archive/");
  }

  private static StoreException noCopies(StoreException cause) {
    return new StoreException(
        Kind.UNSUPPORTED,
        "the store does not copy an object that was uploaded in parts, so no image can be replaced; use another store, or push under a new commit each time",
        cause);
  }

  private CheckResult abort(ObjectKey key) {
    try {
      probe.tryAborting(key);
      return CheckResult.ok("abort", "an upload can be aborted");
    } catch (StoreException e) {
      return role.sweepsUploads() || e.kind() == Kind.UNAVAILABLE
          ? CheckResult.failure("abort", e)
          : CheckResult.warning(
              "abort",
              e.getMessage()
                  + "; until then parts of failed pushes stay, unless a lifecycle rule removes"
                  + " them");
    }
  }

  private CheckResult uploads(ScratchObjects scratch) {
    try (Stream<UnfinishedUpload> uploads = store.unfinishedUploads(scratch.prefix())) {
      return CheckResult.ok(
          "list uploads", "unfinished uploads can be listed: %d".formatted(uploads.count()));
    } catch (StoreException e) {
      if (e.kind() == Kind.UNSUPPORTED) {
        return CheckResult.warning(
            "list uploads",
            "the store does not list unfinished uploads, so cleanup cannot remove them; add a lifecycle rule that aborts them");
      }
      return CheckResult.failure("list uploads", e);
    }
  }
}
