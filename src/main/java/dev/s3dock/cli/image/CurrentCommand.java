package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "current",
    customSynopsis = {
      "s3dock current [OPTIONS] [APP] ENVIRONMENT",
      "s3dock current [OPTIONS] APP:ENVIRONMENT"
    },
    description = "Print the image that an environment should run, and nothing else.",
    footerHeading = "%nExample:%n",
    footer = "  s3dock current myapp production")
public final class CurrentCommand extends Action {
  @Parameters(
      index = "0",
      paramLabel = "APP",
      description =
          "Name of the app (default: `app` of the configuration), or APP:ENVIRONMENT in one word.")
  String first = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ENVIRONMENT",
      description = "Such as production.")
  @Nullable String second;

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = names(wiring).environment(first, second);
    AppName name = named.app();
    Environment where = named.environment();
    Pointers pointers = wiring.pointers();
    Pointer pointer =
        pointers.find(name, where).orElseThrow(() -> wiring.catalog().noEnvironment(name, where));
    ImageReference image = pointers.follow(pointer).reference();
    output.result(
        "current",
        image.toString(),
        data -> {
          data.writeStringField("app_name", name.value());
          data.writeStringField("environment", where.value());
          data.writeStringField("image_ref", image.toString());
        });
  }
}
