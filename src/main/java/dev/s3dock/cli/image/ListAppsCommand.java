package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
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
    List<AppName> apps = wiring.registry().catalog().apps();
    Listing.<AppName>of("list apps", "apps")
        .cell("APP", AppName::value)
        .element((app, data) -> data.writeString(app.value()))
        .print(root().process(), output, apps::forEach);
  }
}
