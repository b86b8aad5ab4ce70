package dev.s3dock.cli.image;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.s3dock.cli.render.JsonRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Catalog.EnvironmentEntry;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "envs",
    description = "List the environments of an app and the image of each.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list envs myapp")
final class ListEnvsCommand extends Action {
  @Parameters(paramLabel = "APP", description = "Name of the app.")
  String app = "";

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = new AppName(app);
    if (output.isJson()) {
      output.stream(
          "list envs",
          data -> {
            data.writeStringField("app_name", name.value());
            data.writeArrayFieldStart("environments");
            long count =
                wiring
                    .catalog()
                    .environments(name, entry -> JsonRows.write(() -> writeOne(name, entry, data)));
            wiring.catalog().requireApp(name, count);
            data.writeEndArray();
          });
      return;
    }
    Table table = new Table(root().process(), "ENVIRONMENT", "IMAGE", "VERSION");
    long count =
        wiring
            .catalog()
            .environments(
                name,
                entry ->
                    entry
                        .pointer()
                        .ifPresent(
                            p ->
                                table.row(
                                    entry.environment().value(),
                                    image(wiring, p),
                                    Printable.of(p.sourceTag()))));
    table.end();
    wiring.catalog().requireApp(name, count);
  }

  /** One environment that leads nowhere does not hide the others. */
  private static String image(Wiring wiring, Pointer pointer) {
    try {
      return wiring.pointers().follow(pointer).reference().toString();
    } catch (RegistryException e) {
      return "(no published image)";
    }
  }

  private static void writeOne(AppName app, EnvironmentEntry entry, JsonGenerator data)
      throws IOException {
    if (entry.pointer().isEmpty()) {
      return;
    }
    Pointer pointer = entry.pointer().get();
    data.writeStartObject();
    data.writeStringField("app_name", app.value());
    data.writeStringField("environment", entry.environment().value());
    data.writeStringField("target_type", pointer.targetType());
    data.writeStringField("target_path", pointer.target().key().value());
    data.writeStringField("source_tag", pointer.sourceTag());
    data.writeStringField("source_image", pointer.sourceImage());
    data.writeEndObject();
  }
}
