package dev.s3dock.cli.image;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.Environment;
import dev.s3dock.registry.Pointer;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "tag-for",
    customSynopsis = {
      "s3dock list tag-for [OPTIONS] [APP] ENVIRONMENT",
      "s3dock list tag-for [OPTIONS] APP:ENVIRONMENT"
    },
    description = {
      "Print the version that was promoted to an environment; print nothing if an image was promoted."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock list tag-for myapp production")
final class ListTagForCommand extends Action {
  @Mixin EnvironmentWords words = new EnvironmentWords();

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = words.in(names(wiring));
    AppName name = named.app();
    Environment where = named.environment();
    Pointer pointer =
        wiring
            .registry()
            .pointers()
            .find(name, where)
            .orElseThrow(() -> wiring.registry().catalog().noEnvironment(name, where));
    Optional<String> version =
        pointer.target() instanceof Pointer.Target.OfVersion of
            ? Optional.of(of.version().value())
            : Optional.empty();
    if (version.isEmpty() && !output.isJson()) {
      wiring.note("an image, not a version, was promoted to %s of %s".formatted(where, name));
      return;
    }
    output.result(
        "list tag-for",
        version.orElse(""),
        data -> {
          data.writeStringField("app_name", name.value());
          data.writeStringField("environment", where.value());
          data.writeStringField("tag", version.orElse(""));
          data.writeBooleanField("direct", version.isEmpty());
        });
  }
}
