package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Digest;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.Pointers;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

  @Option(
      names = "--digest",
      description =
          "Print app@sha256:... instead: the digest by which s3dock serve serves the image.")
  boolean digest;

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = words.in(names(wiring));
    AppName name = named.app();
    Environment where = named.environment();
    Pointers pointers = wiring.registry().pointers();
    Pointer pointer =
        pointers
            .find(name, where)
            .orElseThrow(() -> wiring.registry().catalog().noEnvironment(name, where));
    ImageReference image = pointers.follow(pointer).reference();
    Optional<Digest> served = digest ? Optional.of(wiring.servedDigest(image)) : Optional.empty();
    output.result(
        "current",
        served.map(it -> name + "@" + it).orElseGet(image::toString),
        data -> {
          data.writeStringField("app_name", name.value());
          data.writeStringField("environment", where.value());
          data.writeStringField("image_ref", image.toString());
          if (served.isPresent()) {
            data.writeStringField("digest", served.get().toString());
          }
        });
  }
}
