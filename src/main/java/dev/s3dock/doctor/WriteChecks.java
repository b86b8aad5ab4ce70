package dev.s3dock.doctor;

import dev.s3dock.registry.BucketLayout;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.Precondition;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreCapabilities.Condition;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.StoredObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What roles need that write: small scratch objects, conditions, and the real folders. */
final class WriteChecks {
  private static final byte[] CONTENT =
      "an object of s3dock doctor, to be removed".getBytes(StandardCharsets.UTF_8);

  private final ObjectStore store;
  private final StoreCapabilities probe;
  private final Role role;
  private final boolean conditionsOff;

  WriteChecks(ObjectStore store, StoreCapabilities probe, Role role, boolean conditionsOff) {
    this.store = store;
    this.probe = probe;
    this.role = role;
    this.conditionsOff = conditionsOff;
  }

  void run(Consumer<CheckResult> report) {
    try (ScratchObjects scratch = new ScratchObjects(store, report)) {
      ObjectKey key = scratch.next();
      if (!tried(report, "put", () -> put(key))) {
        return;
      }
      tried(report, "get back", () -> getBack(key));
      tried(report, "list back", () -> listed(key));
      boolean absent = condition(report, "if-none-match", Condition.WRITE_IF_ABSENT, key);
      boolean match = condition(report, "if-match", Condition.WRITE_IF_MATCH, key);
      if (absent && match && tried(report, "if-match on nothing", () -> onNothing(scratch))) {
        role.writes().forEach(folder -> write(report, scratch, folder));
      }
      tried(report, "if-match on get", () -> readCondition(key));
      tried(report, "if-match on delete", () -> deleteCondition(key));
      tried(report, "delete", () -> delete(key));
    }
  }

  private interface Step {
    CheckResult run();
  }

  /** True if it found no failure. */
  private static boolean tried(Consumer<CheckResult> report, String check, Step step) {
    CheckResult finding;
    try {
      finding = step.run();
    } catch (StoreException e) {
      finding = CheckResult.failure(check, e);
    }
    report.accept(finding);
    return finding.verdict() != Verdict.FAILURE;
  }

  private CheckResult put(ObjectKey key) {
    store.put(key, CONTENT, Precondition.none());
    return CheckResult.ok("put", "an object below " + ScratchObjects.folder() + " can be written");
  }

  private CheckResult getBack(ObjectKey key) {
    Optional<StoredObject> found = store.get(key, CONTENT.length);
    return found.filter(object -> Arrays.equals(object.content(), CONTENT)).isPresent()
        ? CheckResult.ok("get back", "an object can be read right after its write")
        : CheckResult.failure(
            "get back", inconsistent("an object that was just written is read with other bytes"));
  }

  private CheckResult listed(ObjectKey key) {
    try (Stream<ObjectStat> objects = store.list(key.value())) {
      return objects.anyMatch(object -> object.key().equals(key))
          ? CheckResult.ok("list back", "an object is listed right after its write")
          : CheckResult.failure(
              "list back", inconsistent("an object that was just written is not listed"));
    }
  }

  private static StoreException inconsistent(String what) {
    return new StoreException(
        Kind.FAILED,
        what + "; use a store with read-after-write consistency, and no cache in front of it");
  }

  private boolean condition(
      Consumer<CheckResult> report, String check, Condition condition, ObjectKey key) {
    return tried(
            report,
            check,
            () ->
                probe.honours(condition, state(key))
                    ? CheckResult.ok(check, "honoured on writes")
                    : ignored(check))
        && !conditionsOff;
  }

  private CheckResult ignored(String check) {
    String text =
        "the store ignores %s on writes, so two users could overwrite each other".formatted(check);
    return conditionsOff
        ? CheckResult.warning(check, text + "; the profile accepts that (conditional_writes: off)")
        : CheckResult.failure(
            check,
            new StoreException(
                Kind.NO_PRECONDITIONS,
                text
                    + "; use another store, or accept that with \"conditional_writes\": \"off\" in"
                    + " the profile"));
  }

  private ObjectStat state(ObjectKey key) {
    return store
        .head(key)
        .orElseThrow(
            () ->
                new StoreException(
                    Kind.NOT_FOUND, key + " is gone; does something remove temporary objects?"));
  }

  private CheckResult onNothing(ScratchObjects scratch) {
    String check = "if-match on nothing";
    return probe.tryWriting(scratch.next())
        ? CheckResult.ok(check, "honoured on writes of an absent object")
        : CheckResult.failure(
            check,
            new StoreException(
                Kind.NO_PRECONDITIONS,
                "the store ignores if-match for an absent object, so a removed object could be written again; use another store"));
  }

  /** The condition that makes this harmless is known to be honoured by now. */
  private void write(Consumer<CheckResult> report, ScratchObjects scratch, String folder) {
    String check = "write " + folder;
    tried(
        report,
        check,
        () -> {
          tryWriting(scratch.absent(folder), folder);
          return CheckResult.ok(check, "permitted; nothing was written");
        });
  }

  /**
   * S3 asks for s3:GetObject too if a write has an If-Match. Where a publisher sets things aside it
   * has no need to read, so an upload is started there that is never completed.
   */
  private void tryWriting(ObjectKey absent, String folder) {
    if (folder.equals(BucketLayout.SET_ASIDE) && probe.folder().isEmpty()) {
      store.startUpload(absent).close();
    } else {
      probe.tryWriting(absent);
    }
  }

  private CheckResult readCondition(ObjectKey key) {
    return probe.honours(Condition.READ_IF_MATCH, state(key))
        ? CheckResult.ok("if-match on get", "honoured on ranges")
        : CheckResult.warning(
            "if-match on get",
            "ignored on ranges; s3dock compares the ETags of the answers, so you need not do anything");
  }

  private CheckResult deleteCondition(ObjectKey key) {
    return CheckResult.ok(
        "if-match on delete",
        probe.honours(Condition.DELETE_IF_MATCH, state(key))
            ? "honoured; s3dock does not rely on it"
            : "ignored; s3dock does not rely on it");
  }

  private CheckResult delete(ObjectKey key) {
    store.delete(key);
    return store.head(key).isEmpty()
        ? CheckResult.ok("delete", "an object below " + ScratchObjects.folder() + " can be removed")
        : CheckResult.failure(
            "delete", inconsistent("an object that was just removed still exists"));
  }
}
