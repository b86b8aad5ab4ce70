package dev.s3dock.doctor;

import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointers;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreCapabilities;
import dev.s3dock.store.StoreException;
import dev.s3dock.store.StoreException.Kind;
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
    StoreCapabilities probe,
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
            report.accept(CheckResult.ok("credentials", credentials.orElseGet(probe::credentials)));
          } catch (StoreException e) {
            report.accept(CheckResult.failure("credentials", e));
            return;
          }
          Instant before = clock.instant();
          StoreCapabilities.Greeting greeting = probe.greet();
          report.accept(
              greeting
                  .problem()
                  .filter(problem -> problem.kind() != Kind.WRONG_REGION)
                  .map(problem -> CheckResult.failure("bucket", problem))
                  .orElseGet(() -> CheckResult.ok("bucket", store.describe() + " answers")));
          region(greeting).ifPresent(report);
          if (greeting.problem().isEmpty() || greeting.clock().isPresent()) {
            report.accept(clock(greeting, before));
          }
          probe
              .folder()
              .map(folder -> DiskSpace.of("bucket's disk", folder, role.sendsArchives()))
              .ifPresent(report);
        });
  }

  private CheckResult clock(StoreCapabilities.Greeting greeting, Instant before) {
    return greeting
        .clock()
        .map(told -> ClockSkew.between(told, before, clock.instant()))
        .orElseGet(() -> CheckResult.ok("clock", "not compared: the store does not send its time"));
  }

  private static Optional<CheckResult> region(StoreCapabilities.Greeting greeting) {
    Optional<StoreException> wrong =
        greeting.problem().filter(problem -> problem.kind() == Kind.WRONG_REGION);
    if (wrong.isPresent()) {
      return wrong.map(problem -> CheckResult.failure("region", problem));
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
                    CheckResult.warning(
                        "region",
                        "the bucket is in %s, but the configured region is %s; set the region to %s"
                            .formatted(region, configured, region)))
            .orElseGet(
                () ->
                    CheckResult.ok(
                        "region",
                        configured
                            + (greeting.region().isEmpty()
                                ? "; the store does not report its region"
                                : ""))));
  }

  /** What the role has to be able to do, side by side. */
  public List<Check> rest() {
    ReadChecks reads = new ReadChecks(store, role.onlyReads());
    WriteChecks writes = new WriteChecks(store, probe, role, conditionsOff);
    UploadChecks uploads = new UploadChecks(store, probe, role);
    Check reading = check("list and get", reads::run);
    Check pointing = check("pointers", new PointerChecks(pointers, catalog)::run);
    if (role.onlyReads()) {
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
