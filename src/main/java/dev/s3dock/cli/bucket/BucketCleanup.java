package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.RetentionValues;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Counted;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Cleanup.Plan;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.registry.gc.Retention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Cleans up the bucket, app by app, or tells what that would do. */
final class BucketCleanup {
  private static final int SHOWN = 50;

  private final GlobalOptions options;
  private final Wiring wiring;
  private final Function<RetentionValues, Retention> retention;
  private final boolean apply;
  private boolean named;
  private final List<RegistryException> failures = new ArrayList<>();
  private final Sum sum = new Sum();

  BucketCleanup(
      GlobalOptions options,
      Wiring wiring,
      Function<RetentionValues, Retention> retention,
      boolean apply) {
    this.options = options;
    this.wiring = wiring;
    this.retention = retention;
    this.apply = apply;
  }

  /** Totals over all apps. */
  private static final class Sum {
    long removed;
    long bytes;
    long kept;
    int interrupted;
    boolean rules;
    final SequencedMap<String, String> needed = new LinkedHashMap<>();
    long notShown;
    boolean uploadsKnown = true;
  }

  /** One object that is, would be or was not removed. */
  private record Row(AppName app, Removal removal, String result, String why) {}

  /**
   * Plans or applies the cleanup of each app, and prints a row for each object.
   *
   * @param wanted the apps; none for all
   */
  void run(List<AppName> wanted, Output output) {
    Cleanup cleanup = wiring.registry().cleanup();
    named = !wanted.isEmpty();
    List<AppName> apps = named ? wanted : cleanup.apps();
    Listing.<Row>of("cleanup", "removals")
        .about("applied", apply)
        .cell("APP", row -> row.app().value())
        .cell("WHAT", row -> Printable.of(row.removal().name()))
        .cell("SIZE", row -> Sizes.of(row.removal().bytes()))
        .mayGo(1)
        .field("app_name", row -> row.app().value())
        .field("kind", row -> kind(row.removal()))
        .field("name", row -> row.removal().name())
        .field("bytes", row -> row.removal().bytes())
        .column("RESULT", "result", Row::result)
        .cell("WHY", row -> Printable.of(row.why()))
        .wraps()
        .field("why", Row::why)
        .total("removed", () -> sum.removed)
        .total("bytes", () -> sum.bytes)
        .total("images_kept", () -> sum.kept)
        .total("interrupted", () -> sum.interrupted)
        .end(() -> end(output))
        .print(options.process(), output, rows -> cleanAll(cleanup, apps, rows));
  }

  private void end(Output output) {
    if (!output.isJson()) {
      tell();
    }
    failIfAnyFailed();
  }

  private void cleanAll(Cleanup cleanup, List<AppName> apps, Consumer<Row> rows) {
    for (AppName app : apps) {
      try {
        cleanOne(cleanup, app, rows);
      } catch (RegistryException e) {
        switch (e.kind()) {
          case CORRUPT, TOO_MANY -> failures.add(e);
          case NOT_FOUND, CONFLICT -> throw e;
        }
      }
    }
  }

  private void cleanOne(Cleanup cleanup, AppName app, Consumer<Row> rows) {
    Retention rules = retention.apply(wiring.retention(app));
    sum.rules |= rules.letsImagesGo();
    Plan plan;
    if (apply) {
      plan = cleanup.apply(app, rules, new Telling(app, rows));
    } else {
      plan = cleanup.plan(app, rules);
      plan.removals().forEach(removal -> add(app, removal, "would go", removal.reason(), rows));
    }
    if (named && plan.removals().isEmpty() && plan.imagesKept() == 0) {
      wiring.registry().catalog().requireApp(app);
    }
    sum.kept += plan.imagesKept();
    plan.needed().forEach(this::stays);
    sum.interrupted += plan.interrupted();
    sum.uploadsKnown &= plan.uploadsKnown();
  }

  private void stays(ImageReference image, String why) {
    if (sum.needed.size() < SHOWN) {
      sum.needed.put(image.toString(), why);
    } else {
      sum.notShown++;
    }
  }

  private void add(AppName app, Removal removal, String result, String why, Consumer<Row> rows) {
    sum.removed++;
    sum.bytes += removal.bytes();
    rows.accept(new Row(app, removal, result, why));
  }

  /** Rows for what is really done. */
  private final class Telling implements Cleanup.Listener {
    private final AppName app;
    private final Consumer<Row> rows;

    Telling(AppName app, Consumer<Row> rows) {
      this.app = app;
      this.rows = rows;
    }

    @Override
    public void removed(Removal removal) {
      add(app, removal, "removed", removal.reason(), rows);
    }

    @Override
    public void kept(Removal removal, String why) {
      sum.kept++;
      rows.accept(new Row(app, removal, "kept", why));
    }
  }

  /** What the rules alone would have let go. */
  private void tellWhatIsNeeded() {
    sum.needed.forEach(
        (image, why) -> wiring.note("%s stays (%s)".formatted(image, Printable.of(why))));
    if (sum.notShown > 0) {
      wiring.note(
          "%s too, since something needs %s"
              .formatted(
                  Counted.of(sum.notShown, "more image stays", "more images stay"),
                  sum.notShown == 1 ? "it" : "them"));
    }
  }

  private void tell() {
    tellWhatIsNeeded();
    wiring.note(
        (apply ? "removed %d, freed %s; %s" : "would remove %d and free %s; %s")
            .formatted(
                sum.removed,
                Sizes.of(sum.bytes),
                Counted.of(sum.kept, "image stays", "images stay")));
    if (!sum.rules) {
      wiring.note(
          "no retention rule is given, so no image is removed: use --keep-last, --older-than or --keep-tagged, or set retention in the configuration");
    }
    if (sum.interrupted > 0 && !apply) {
      wiring.note("an earlier cleanup was interrupted; --apply completes it first");
    }
    if (!sum.uploadsKnown) {
      wiring.note(
          "this store does not list unfinished uploads: add a lifecycle rule that aborts them");
    }
    if (!apply && sum.removed > 0) {
      wiring.note("nothing was removed; add --apply to remove these");
    }
  }

  /** The others are done; nothing of these apps was touched. */
  private void failIfAnyFailed() {
    if (failures.isEmpty()) {
      return;
    }
    failures.stream().skip(1).forEach(failure -> wiring.warn(failure.getMessage()));
    throw failures.getFirst();
  }

  private static String kind(Removal removal) {
    return switch (removal) {
      case Removal.OfImage _ -> "image";
      case Removal.OfOrphan _ -> "archive_without_metadata";
      case Removal.OfReplaced _ -> "replaced";
      case Removal.OfManifest _ -> "manifest";
      case Removal.OfMark _ -> "mark";
      case Removal.OfRollout _ -> "rollout";
      case Removal.OfTemporary _ -> "temporary";
      case Removal.OfUpload _ -> "upload";
    };
  }
}
