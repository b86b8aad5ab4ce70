package dev.s3dock.doctor;

import dev.s3dock.image.AppName;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Objects of an examination. They go when this is closed, also for an interrupted thread; what a
 * crash leaves is among the temporary objects, which cleanup sweeps.
 */
final class ScratchObjects implements AutoCloseable {
  static final String CHECK = "scratch";

  private static final AppName DOCTOR = new AppName("doctor");

  private final ObjectStore store;
  private final Consumer<CheckResult> report;
  private final String run = UUID.randomUUID().toString();
  private final List<ObjectKey> keys = new ArrayList<>();

  ScratchObjects(ObjectStore store, Consumer<CheckResult> report) {
    this.store = store;
    this.report = report;
  }

  /** A key that nobody else uses. */
  ObjectKey next() {
    ObjectKey key = BucketLayout.temporary(DOCTOR, run, keys.size() + 1);
    keys.add(key);
    return key;
  }

  /** What its keys start with. */
  String prefix() {
    return BucketLayout.temporaryFolder(DOCTOR) + run;
  }

  /** Where scratch objects of all examinations are. */
  static String folder() {
    return BucketLayout.temporaryFolder(DOCTOR);
  }

  /** A key below a folder of the bucket that nothing is stored under. */
  ObjectKey absent(String folder) {
    return BucketLayout.trial(folder, run);
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // else the store's client sends nothing
    List<String> left = new ArrayList<>();
    String why = "";
    for (ObjectKey key : keys) {
      try {
        store.delete(key);
      } catch (StoreException e) {
        left.add(key.value());
        why = String.valueOf(e.getMessage());
      }
    }
    if (!left.isEmpty()) {
      report.accept(
          CheckResult.warning(
              CHECK,
              "%s may be left behind (%s); cleanup removes it after a day, or delete it by hand"
                  .formatted(String.join(", ", left), why)));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
