package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = words.in(names(wiring));
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
