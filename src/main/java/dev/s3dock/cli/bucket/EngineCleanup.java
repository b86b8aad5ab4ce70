package dev.s3dock.cli.bucket;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.invocation.GlobalOptions;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.engine.EngineException;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.transfer.LocalImages;
import dev.s3dock.transfer.LocalImages.Local;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** Removes images from this host's engine that it does not need, or tells which. */
final class EngineCleanup {
  private final GlobalOptions options;
  private final Wiring wiring;
  private final int keep;
  private final boolean apply;
  private long removed;
  private long kept;

  EngineCleanup(GlobalOptions options, Wiring wiring, int keep, boolean apply) {
    this.options = options;
    this.wiring = wiring;
    this.keep = keep;
    this.apply = apply;
  }

  /** Receives one row for each image. */
  private interface Rows {
    void add(Local image, String result, String why);
  }

  /**
   * Plans or applies the cleanup of each app, and prints a row for each image.
   *
   * @param wanted the apps; none for all that the engine has
   */
  void run(List<AppName> wanted, Output output) {
    LocalImages images = new LocalImages(wiring.engine());
    Collection<AppName> apps = wanted.isEmpty() ? images.apps() : wanted;
    if (output.isJson()) {
      output.stream("cleanup", data -> write(images, apps, data));
      return;
    }
    Table table = new Table(options.process(), "IMAGE", "RESULT", "WHY");
    try {
      apps.forEach(
          app ->
              clean(
                  images,
                  app,
                  (image, result, why) ->
                      table.row(image.reference().toString(), result, Printable.of(why))));
    } finally {
      table.end();
    }
    wiring.note(
        (apply
                ? "removed %d images, %d stay"
                : "%d images would be removed, %d stay; add --apply to remove them")
            .formatted(removed, kept));
  }

  private void clean(LocalImages images, AppName app, Rows rows) {
    List<Local> judged =
        images.judge(
            app,
            keep,
            wiring.neededHere(app),
            reference -> wiring.images().find(reference).isPresent());
    for (Local image : judged) {
      if (image.stays().isPresent()) {
        kept++;
        rows.add(image, "stays", image.stays().get());
      } else if (apply) {
        remove(images, image, rows);
      } else {
        removed++;
        rows.add(image, "would go", "not needed on this host");
      }
    }
  }

  private void remove(LocalImages images, Local image, Rows rows) {
    try {
      images.remove(image.reference());
      removed++;
      rows.add(image, "removed", "not needed on this host");
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.FAILED) {
        throw e;
      }
      kept++;
      rows.add(image, "stays", String.valueOf(e.getMessage())); // a container uses it by now
    }
  }

  private void write(LocalImages images, Collection<AppName> apps, JsonGenerator data)
      throws IOException {
    data.writeBooleanField("applied", apply);
    data.writeArrayFieldStart("images");
    apps.forEach(
        app ->
            clean(
                images,
                app,
                (image, result, why) ->
                    JsonRows.write(
                        () -> {
                          data.writeStartObject();
                          data.writeStringField("image_ref", image.reference().toString());
                          data.writeStringField("result", result);
                          data.writeStringField("why", why);
                          data.writeEndObject();
                        })));
    data.writeEndArray();
    data.writeNumberField("removed", removed);
    data.writeNumberField("kept", kept);
  }
}
