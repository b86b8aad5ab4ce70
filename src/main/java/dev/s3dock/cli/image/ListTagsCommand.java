package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Catalog;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "tags",
    description = "List the versions of an app, highest first.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list tags myapp")
final class ListTagsCommand extends Action {
  @Parameters(
      arity = "0..1",
      paramLabel = "APP",
      description = "Name of the app (default: `app` of the configuration).")
  @Nullable String app;

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = names(wiring).app(app);
    Listing.<Catalog.Entry<Version>>of("list tags", "tags")
        .about("app_name", name.value())
        .field("app_name", row -> name.value())
        .column("VERSION", "version", row -> row.name().value())
        .cell(
            "IMAGE",
            row -> wiring.registry().pointers().follow(row.pointer()).reference().toString())
        .field("target_image", row -> row.pointer().sourceImage())
        .field("s3_path", row -> row.pointer().key().value())
        .print(
            root().process(),
            output,
            rows ->
                wiring
                    .registry()
                    .catalog()
                    .requireApp(name, wiring.registry().catalog().tags(name, rows)));
  }
}
