package dev.s3dock.cli.bucket;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.RetentionValues;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Cleanup.Plan;
import dev.s3dock.registry.gc.Removal;
import dev.s3dock.registry.gc.Retention;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Cleans up the bucket, app by app, or tells what that would do. */
final class BucketCleanup {
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
    boolean uploadsKnown = true;
  }

  /** Receives one row for each object that is, would be or was not removed. */
  private interface Rows {
    void add(AppName app, Removal removal, String result, String why);
  }

  /**
   * Plans or applies the cleanup of each app, and prints a row for each object.
   *
   * @param wanted the apps; none for all
   */
  void run(List<AppName> wanted, Output output) {
    Cleanup cleanup = wiring.cleanup();
    named = !wanted.isEmpty();
    List<AppName> apps = named ? wanted : cleanup.apps();
    if (output.isJson()) {
      output.stream("cleanup", data -> write(cleanup, apps, data));
      return;
    }
    Table table = new Table(options.process(), "APP", "WHAT", "SIZE", "RESULT", "WHY");
    try {
      cleanAll(
          cleanup,
          apps,
          (app, removal, result, why) ->
              table.row(
                  app.value(),
                  Printable.of(removal.name()),
                  Sizes.of(removal.bytes()),
                  result,
                  Printable.of(why)));
    } finally {
      table.end();
    }
    tell();
    failIfAnyFailed();
  }

  private void cleanAll(Cleanup cleanup, List<AppName> apps, Rows rows) {
    for (AppName app : apps) {
      try {
        cleanOne(cleanup, app, rows);
      } catch (RegistryException e) {
        if (e.kind() != RegistryException.Kind.CORRUPT) {
          throw e;
        }
        failures.add(e);
      }
    }
  }

  private void cleanOne(Cleanup cleanup, AppName app, Rows rows) {
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
      wiring.catalog().requireApp(app);
    }
    sum.kept += plan.imagesKept();
    sum.interrupted += plan.interrupted();
    sum.uploadsKnown &= plan.uploadsKnown();
  }

  private void add(AppName app, Removal removal, String result, String why, Rows rows) {
    sum.removed++;
    sum.bytes += removal.bytes();
    rows.add(app, removal, result, why);
  }

  /** Rows for what is really done. */
  private final class Telling implements Cleanup.Listener {
    private final AppName app;
    private final Rows rows;

    Telling(AppName app, Rows rows) {
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
      rows.add(app, removal, "kept", why);
    }
  }

  private void tell() {
    wiring.note(
        (apply
                ? "removed %d, freed %s; %d images stay"
                : "would remove %d and free %s; %d images stay")
            .formatted(sum.removed, Sizes.of(sum.bytes), sum.kept));
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

  private void write(Cleanup cleanup, List<AppName> apps, JsonGenerator data) throws IOException {
    data.writeBooleanField("applied", apply);
    data.writeArrayFieldStart("removals");
    cleanAll(
        cleanup,
        apps,
        (app, removal, result, why) ->
            JsonRows.write(() -> writeOne(app, removal, result, why, data)));
    data.writeEndArray();
    data.writeNumberField("removed", sum.removed);
    data.writeNumberField("bytes", sum.bytes);
    data.writeNumberField("images_kept", sum.kept);
    data.writeNumberField("interrupted", sum.interrupted);
    failIfAnyFailed();
  }

  private static void writeOne(
      AppName app, Removal removal, String result, String why, JsonGenerator data)
      throws IOException {
    data.writeStartObject();
    data.writeStringField("app_name", app.value());
    data.writeStringField("kind", kind(removal));
    data.writeStringField("name", removal.name());
    data.writeNumberField("bytes", removal.bytes());
    data.writeStringField("result", result);
    data.writeStringField("why", why);
    data.writeEndObject();
  }

  private static String kind(Removal removal) {
    return switch (removal) {
      case Removal.OfImage _ -> "image";
      case Removal.OfOrphan _ -> "archive_without_metadata";
      case Removal.OfReplaced _ -> "replaced";
      case Removal.OfTemporary _ -> "temporary";
      case Removal.OfUpload _ -> "upload";
    };
  }
}
