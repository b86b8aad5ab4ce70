package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.RetentionKeys;
import dev.s3dock.config.RetentionValues;
import dev.s3dock.config.TimeSpan;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.gc.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "cleanup",
    description = {
      "Show what is no longer needed in the bucket, or remove it.",
      "Tells why, and how much space it takes; --apply removes it. An image is removed only if every given rule allows it: --keep-last, --older-than, --keep-tagged, or the section retention of the configuration. Without a rule, no image is removed. An image always stays if it has a version, if an environment runs it or ran it recently, if a host reports it, or if it is younger than 24 hours.",
      "Leftovers of failed pushes are removed after one day: archives without metadata, temporary objects, unfinished uploads. So are the marks of rollouts that are over.",
      "With --local, clean up the images in this host's engine, and its cache of chunks. An image stays if a container uses it, an environment runs it, this host keeps it for a rollback, it is not published, or it is among the newest."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock cleanup myapp --keep-last 20 --older-than 90d",
      "  s3dock cleanup myapp --keep-last 20 --older-than 90d --apply",
      "  s3dock cleanup --local --keep 3 --apply"
    })
public final class CleanupCommand extends Action {
  private static final int NEWEST = 2;

  /** So long unused, a chunk of the cache is needed by nobody. */
  private static final Duration UNUSED = Duration.ofDays(30);

  @Parameters(
      arity = "0..*",
      paramLabel = "APP",
      description = "Names of apps (default: all in the bucket).")
  List<String> apps = new ArrayList<>();

  @Option(
      names = "--keep-last",
      paramLabel = "N",
      description = "Keep the images of the newest N commits.")
  @Nullable Integer keepLast;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "Keep images that are younger than this, such as 36h, 90d or 12w.")
  @Nullable String olderThan;

  @Option(
      names = "--keep-tagged",
      description = "Keep only images that have a version, and those that always stay.")
  boolean keepTagged;

  @Option(
      names = "--keep-targets",
      paramLabel = "N",
      description = "Keep the last N images of each environment, for rollbacks (default: 5).")
  @Nullable Integer targets;

  @Option(
      names = "--archive-older-than",
      paramLabel = "AGE",
      description = "Remove replaced images from archive/ when they are older than this.")
  @Nullable String archiveOlderThan;

  @Option(names = "--local", description = "Clean up this host's engine, not the bucket.")
  boolean local;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "With --local: keep the newest N images of each app (default: 2).")
  @Nullable Integer keep;

  @Option(
      names = "--cache-older-than",
      paramLabel = "AGE",
      description =
          "With --local: remove from this host's cache of chunks what no pull has used for this long (default: 30d; 0h empties it).")
  @Nullable String cacheOlderThan;

  @Option(
      names = "--apply",
      description = "Remove what is listed. Without --apply, nothing is changed.")
  boolean apply;

  @Override
  protected void run(Wiring wiring, Output output) {
    List<AppName> names = apps.stream().map(AppName::new).distinct().toList();
    if (local) {
      cleanEngine(names, wiring, output);
    } else {
      cleanBucket(names, wiring, output);
    }
  }

  private void cleanEngine(List<AppName> names, Wiring wiring, Output output) {
    boolean forBucket =
        Stream.of(keepLast, olderThan, targets, archiveOlderThan).anyMatch(Objects::nonNull)
            || keepTagged;
    if (forBucket) {
      throw new UsageException(
          "--local can be used with --keep, but not with the rules for the bucket");
    }
    if (keep != null && keep < 0) {
      throw new UsageException("--keep must be 0 or more, not " + keep);
    }
    Duration chunkAge = age("--cache-older-than", cacheOlderThan).orElse(UNUSED);
    new EngineCleanup(root(), wiring, keep == null ? NEWEST : keep, chunkAge, apply)
        .run(names, output);
  }

  private void cleanBucket(List<AppName> names, Wiring wiring, Output output) {
    if (keep != null) {
      throw new UsageException("--keep needs --local; for the bucket, use --keep-last");
    }
    if (cacheOlderThan != null) {
      throw new UsageException("--cache-older-than needs --local");
    }
    if (keepLast != null && keepLast < 0) {
      throw new UsageException("--keep-last must be 0 or more, not " + keepLast);
    }
    if (targets != null && targets < 1) {
      throw new UsageException("--keep-targets must be 1 or more, not " + targets);
    }
    new BucketCleanup(root(), wiring, this::retention, apply).run(names, output);
  }

  /** What the options say, or else the configuration. */
  private Retention retention(RetentionValues configured) {
    return new Retention(
        Optional.ofNullable(keepLast).or(() -> configured.get(RetentionKeys.KEEP_LAST)),
        age("--older-than", olderThan).or(() -> configured.get(RetentionKeys.OLDER_THAN)),
        keepTagged || configured.get(RetentionKeys.KEEP_TAGGED).orElse(false),
        Optional.ofNullable(targets).or(() -> configured.get(RetentionKeys.TARGETS)).orElseThrow(),
        age("--archive-older-than", archiveOlderThan)
            .or(() -> configured.get(RetentionKeys.ARCHIVE_OLDER_THAN)));
  }

  private static Optional<Duration> age(String option, @Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    Optional<Duration> age = TimeSpan.age(text);
    if (age.isEmpty()) {
      throw new UsageException(
          "%s must be an age such as 36h, 90d or 12w, not %s"
              .formatted(option, Printable.of(text)));
    }
    return age;
  }
}
