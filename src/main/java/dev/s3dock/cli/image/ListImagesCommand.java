package dev.s3dock.cli.image;

import dev.s3dock.cli.invocation.UsageException;
import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.BucketLayout;
import dev.s3dock.registry.Catalog.ImageEntry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "images",
    description = "List the published images of an app, newest commit first.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list images myapp --month 202507")
final class ListImagesCommand extends Action {
  @Parameters(
      arity = "0..1",
      paramLabel = "APP",
      description = "Name of the app (default: `app` of the configuration).")
  @Nullable String app;

  @Option(
      names = "--month",
      paramLabel = "YYYYMM",
      description = "Only images whose commit is from this month.")
  @Nullable String month;

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = names(wiring).app(app);
    if (month != null && !BucketLayout.isMonth(month)) {
      throw new UsageException(
          "--month must be YYYYMM, such as 202507, not " + Printable.of(month));
    }
    Listing.<ImageEntry>of("list images", "images")
        .about("app_name", name.value())
        .about("year_month", month == null ? "" : month)
        .cell("IMAGE", image -> image.key().reference().toString())
        .field("app_name", image -> image.key().reference().app().value())
        .field("tag", image -> image.key().reference().tag())
        .field("s3_path", image -> image.archive().value())
        .column("MONTH", "year_month", image -> image.key().month())
        .cell("PLATFORM", image -> image.key().platform().orElse(""))
        .print(
            root().process(),
            output,
            rows ->
                wiring
                    .catalog()
                    .requireApp(
                        name, wiring.catalog().images(name, Optional.ofNullable(month), rows)));
  }
}
