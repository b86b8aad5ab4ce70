package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.RetentionValues;
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
      "Tell what of the bucket nobody needs any more, why, and how much space it takes; remove it with --apply.",
      "An image goes if all the rules that are given let it go: --keep-last, --older-than,"
          + " --keep-tagged, or the section retention of the configuration. Without any rule no image goes."
          + " It stays in any case if it has a version, if an environment is at it or was at it lately,"
          + " if a host reports it, or if it is younger than 24 hours.",
      "What failed pushes have left goes, too, a day after: archives without metadata, temporary"
          + " objects, unfinished uploads.",
      "With --local it is about the images in this host's engine. One stays if a container uses it, an"
          + " environment is at it, this host keeps it to go back to, it is not published, or it is"
          + " among the newest."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock cleanup myapp --keep-last 20 --older-than 90d",
      "  s3dock cleanup myapp --keep-last 20 --older-than 90d --apply",
      "  s3dock cleanup --local --keep 3 --apply"
    })
public final class CleanupCommand extends Action {
  private static final int NEWEST = 2;

  @Parameters(
      arity = "0..*",
      paramLabel = "APP",
      description = "Names of apps; all that the bucket has by default.")
  List<String> apps = new ArrayList<>();

  @Option(names = "--keep-last", paramLabel = "N", description = "The newest N commits stay.")
  @Nullable Integer keepLast;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "What is younger stays: 36h, 90d, 12w.")
  @Nullable String olderThan;

  @Option(
      names = "--keep-tagged",
      description = "Only what has a version stays, and what is needed in any case.")
  boolean keepTagged;

  @Option(
      names = "--keep-targets",
      paramLabel = "N",
      description =
          "The last N images that an environment was at stay, to go back to (default: 5).")
  @Nullable Integer targets;

  @Option(
      names = "--archive-older-than",
      paramLabel = "AGE",
      description = "What was set aside when it was replaced goes after so long.")
  @Nullable String archiveOlderThan;

  @Option(names = "--local", description = "Clean up this host's engine, not the bucket.")
  boolean local;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "With --local: the newest N images of each app stay (default: 2).")
  @Nullable Integer keep;

  @Option(names = "--apply", description = "Remove it. Without this, nothing is changed.")
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
      throw new UsageException("--local takes --keep, and none of the rules for the bucket");
    }
    if (keep != null && keep < 0) {
      throw new UsageException("--keep is 0 or more, not " + keep);
    }
    new EngineCleanup(root(), wiring, keep == null ? NEWEST : keep, apply).run(names, output);
  }

  private void cleanBucket(List<AppName> names, Wiring wiring, Output output) {
    if (keep != null) {
      throw new UsageException("--keep goes with --local; for the bucket it is --keep-last");
    }
    if (keepLast != null && keepLast < 0) {
      throw new UsageException("--keep-last is 0 or more, not " + keepLast);
    }
    if (targets != null && targets < 1) {
      throw new UsageException("--keep-targets is 1 or more, not " + targets);
    }
    new BucketCleanup(root(), wiring, this::retention, apply).run(names, output);
  }

  /** What the options say, or else the configuration. */
  private Retention retention(RetentionValues configured) {
    return new Retention(
        Optional.ofNullable(keepLast).or(configured::keepLast),
        age("--older-than", olderThan).or(configured::olderThan),
        keepTagged || configured.keepTagged().orElse(false),
        Optional.ofNullable(targets).or(configured::targets).orElse(Retention.TARGETS),
        age("--archive-older-than", archiveOlderThan).or(configured::archiveOlderThan));
  }

  private static Optional<Duration> age(String option, @Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    Optional<Duration> age = RetentionValues.age(text);
    if (age.isEmpty()) {
      throw new UsageException(
          "%s is an age such as 36h, 90d or 12w, not %s".formatted(option, Printable.of(text)));
    }
    return age;
  }
}
