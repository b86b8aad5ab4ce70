package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Listing;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.Printable;
import dev.s3dock.registry.Catalog;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "envs",
    description = "List the environments of an app and the image of each.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock list envs myapp")
final class ListEnvsCommand extends Action {
  @Parameters(
      arity = "0..1",
      paramLabel = "APP",
      description = "Name of the app (default: `app` of the configuration).")
  @Nullable String app;

  @Override
  protected void run(Wiring wiring, Output output) {
    AppName name = names(wiring).app(app);
    Listing.<Catalog.Entry<Environment>>of("list envs", "environments")
        .about("app_name", name.value())
        .field("app_name", row -> name.value())
        .column("ENVIRONMENT", "environment", row -> row.name().value())
        .cell("IMAGE", row -> image(wiring, row.pointer()).orElse("(no published image)"))
        .cell("VERSION", row -> Printable.of(row.pointer().sourceTag()))
        .mayGo(1)
        .field("target_type", row -> row.pointer().targetType())
        .field("target_path", row -> row.pointer().target().key().value())
        .field("source_tag", row -> row.pointer().sourceTag())
        .field("source_image", row -> row.pointer().sourceImage())
        .field("image_ref", row -> image(wiring, row.pointer()).orElse(""))
        .print(
            root().process(),
            output,
            rows ->
                wiring
                    .registry()
                    .catalog()
                    .requireApp(name, wiring.registry().catalog().environments(name, rows)));
  }

  /** One environment that leads nowhere does not hide the others. */
  private static Optional<String> image(Wiring wiring, Pointer pointer) {
    try {
      return Optional.of(wiring.registry().pointers().follow(pointer).reference().toString());
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }
}
