package dev.s3dock.doctor;

import dev.s3dock.registry.BucketLayout;
import dev.s3dock.store.ByteRange;
import dev.s3dock.store.ObjectKey;
import dev.s3dock.store.ObjectStat;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What everybody needs: lists and reads of the real folders. Writes nothing.
 *
 * @param ranges true if ranges are read here, because nothing may be written to read them from
 */
record ReadChecks(ObjectStore store, boolean ranges) {
  private static final List<String> FOLDERS =
      List.of(BucketLayout.IMAGES, BucketLayout.TAGS, BucketLayout.POINTERS);
  private static final String NOBODY = "doctor";

  void run(Consumer<CheckResult> report) {
    List<ObjectStat> found = new ArrayList<>();
    try {
      for (String folder : FOLDERS) {
        try (Stream<ObjectStat> objects = store.list(folder)) {
          objects.limit(1).forEach(found::add);
        }
      }
      report.accept(CheckResult.ok("list", "images/, tags/ and pointers/ can be listed"));
    } catch (StoreException e) {
      report.accept(CheckResult.failure("list", e));
    }
    get(found, report);
    found.stream()
        .filter(object -> ranges && object.size() > 1)
        .findFirst()
        .ifPresent(object -> report.accept(range(object)));
  }

  /** A store that may be read tells of an absent object that it is absent. */
  private void get(List<ObjectStat> found, Consumer<CheckResult> report) {
    try {
      for (String folder : FOLDERS) {
        ObjectKey key =
            found.stream()
                .map(ObjectStat::key)
                .filter(it -> it.value().startsWith(folder))
                .findFirst()
                .orElseGet(() -> BucketLayout.trial(folder, NOBODY));
        Optional<ObjectStat> state = store.head(key);
        if (state.isPresent() && state.get().size() > 0) {
          readOne(state.get());
        }
      }
      report.accept(CheckResult.ok("get", "images/, tags/ and pointers/ can be read"));
    } catch (StoreException e) {
      report.accept(CheckResult.failure("get", e));
    } catch (IOException e) {
      report.accept(CheckResult.failure("get", brokenOff(e)));
    }
  }

  private void readOne(ObjectStat object) throws IOException {
    try (InputStream in = store.read(object.key(), new ByteRange(0, 1), object.etag())) {
      in.readAllBytes();
    }
  }

  private CheckResult range(ObjectStat object) {
    try (InputStream in = store.read(object.key(), new ByteRange(1, 1), object.etag())) {
      in.readAllBytes();
      return CheckResult.ok("range", "a range request returns exactly its bytes");
    } catch (StoreException e) {
      return CheckResult.failure("range", e);
    } catch (IOException e) {
      return CheckResult.failure("range", brokenOff(e));
    }
  }

  static StoreException brokenOff(IOException e) {
    return new StoreException(
        StoreException.Kind.UNAVAILABLE,
        "the store's answer ended early (%s); check the network and the endpoint"
            .formatted(e.getMessage()),
        e);
  }
}
