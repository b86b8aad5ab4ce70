package dev.s3dock.doctor;

import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointers;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
import dev.s3dock.store.StoreProbe;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The checks of a bucket. First {@link #reach}; the others make sense if that found no failure.
 *
 * @param conditionsOff true if the user has accepted a store that ignores the conditions of writes
 * @param credentials where they were configured; empty if the store's library looks for them
 */
public record BucketChecks(
    ObjectStore store,
    StoreProbe probe,
    Pointers pointers,
    Catalog catalog,
    Role role,
    boolean conditionsOff,
    Optional<String> credentials,
    Clock clock) {

  /** Credentials, the bucket itself, its region, its clock. */
  public Check reach() {
    return check(
        "bucket",
        report -> {
          try {
            report.accept(Finding.ok("credentials", credentials.orElseGet(probe::credentials)));
          } catch (StoreException e) {
            report.accept(Finding.failure("credentials", e));
            return;
          }
          Instant before = clock.instant();
          StoreProbe.Greeting greeting = probe.greet();
          report.accept(
              greeting
                  .problem()
                  .filter(problem -> problem.kind() != Kind.WRONG_REGION)
                  .map(problem -> Finding.failure("bucket", problem))
                  .orElseGet(() -> Finding.ok("bucket", store.describe() + " answers")));
          region(greeting).ifPresent(report);
          if (greeting.problem().isEmpty() || greeting.clock().isPresent()) {
            report.accept(clock(greeting, before));
          }
          probe
              .folder()
              .map(folder -> Room.of("bucket's disk", folder, role.sendsArchives()))
              .ifPresent(report);
        });
  }

  private Finding clock(StoreProbe.Greeting greeting, Instant before) {
    return greeting
        .clock()
        .map(told -> ClockSkew.between(told, before, clock.instant()))
        .orElseGet(() -> Finding.ok("clock", "not compared: the store does not tell its time"));
  }

  private static Optional<Finding> region(StoreProbe.Greeting greeting) {
    Optional<StoreException> wrong =
        greeting.problem().filter(problem -> problem.kind() == Kind.WRONG_REGION);
    if (wrong.isPresent()) {
      return wrong.map(problem -> Finding.failure("region", problem));
    }
    if (greeting.configured().isEmpty() || greeting.problem().isPresent()) {
      return Optional.empty();
    }
    String configured = greeting.configured().get();
    return Optional.of(
        greeting
            .region()
            .filter(region -> !region.equals(configured))
            .map(
                region ->
                    Finding.warning(
                        "region",
                        "the bucket says it is in %s, requests are for %s; set the region to %s"
                            .formatted(region, configured, region)))
            .orElseGet(
                () ->
                    Finding.ok(
                        "region",
                        configured
                            + (greeting.region().isEmpty()
                                ? "; the store does not tell its own"
                                : ""))));
  }

  /** What the role has to be able to do, side by side. */
  public List<Check> rest() {
    ReadTrials reads = new ReadTrials(store, role == Role.READER);
    WriteTrials writes = new WriteTrials(store, probe, role, conditionsOff);
    UploadTrials uploads = new UploadTrials(store, probe, role);
    Check reading = check("list and get", reads::run);
    Check pointing = check("pointers", new PointerTrials(pointers, catalog)::run);
    if (role == Role.READER) {
      return List.of(reading, pointing);
    }
    Check writing = check("write", writes::run);
    return role.sendsArchives() || role.sweepsUploads()
        ? List.of(reading, writing, check("upload", uploads::run), pointing)
        : List.of(reading, writing, pointing);
  }

  private static Check check(String name, Check.Work work) {
    return new Check(name, message -> new StoreException(Kind.UNAVAILABLE, message), work);
  }
}
