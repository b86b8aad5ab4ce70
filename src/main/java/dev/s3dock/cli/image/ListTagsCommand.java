package dev.s3dock.cli.image;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.registry.Catalog.TagEntry;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "tags",
    description = "List the versions of an app, highest first.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list tags myapp")
final class ListTagsCommand extends Action {
  @Parameters(paramLabel = "APP", description = "Name of the app.")
  String app = "";

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = new AppName(app);
    if (output.isJson()) {
      output.stream(
          "list tags",
          data -> {
            data.writeStringField("app_name", name.value());
            data.writeArrayFieldStart("tags");
            long count =
                wiring
                    .catalog()
                    .tags(name, entry -> JsonRows.write(() -> writeOne(name, entry, data)));
            wiring.catalog().requireApp(name, count);
            data.writeEndArray();
          });
      return;
    }
    Table table = new Table(root().process(), "VERSION", "IMAGE");
    long count =
        wiring
            .catalog()
            .tags(
                name,
                entry ->
                    entry
                        .pointer()
                        .ifPresent(
                            p ->
                                table.row(
                                    entry.version().value(),
                                    wiring.pointers().follow(p).reference().toString())));
    table.end();
    wiring.catalog().requireApp(name, count);
  }

  private static void writeOne(AppName app, TagEntry entry, JsonGenerator data) throws IOException {
    if (entry.pointer().isEmpty()) {
      return;
    }
    data.writeStartObject();
    data.writeStringField("app_name", app.value());
    data.writeStringField("version", entry.version().value());
    data.writeStringField("target_image", entry.pointer().get().sourceImage());
    data.writeStringField("s3_path", entry.pointer().get().key().value());
    data.writeEndObject();
  }
}
