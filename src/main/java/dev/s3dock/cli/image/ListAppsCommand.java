package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Table;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "apps",
    description = "List the apps, by name.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list apps")
final class ListAppsCommand extends Action {
  @Override
  protected void run(Wiring wiring, Output output) {
    List<AppName> apps = wiring.catalog().apps();
    if (output.isJson()) {
      output.stream(
          "list apps",
          data -> {
            data.writeArrayFieldStart("apps");
            for (AppName app : apps) {
              data.writeString(app.value());
            }
            data.writeEndArray();
          });
      return;
    }
    Table table = new Table(root().process(), "APP");
    apps.forEach(app -> table.row(app.value()));
    table.end();
  }
}
