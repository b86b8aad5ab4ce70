package dev.s3dock.cli.image;

import dev.s3dock.cli.invocation.Confirmation;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.Environment;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.TaggedName;
import dev.s3dock.image.Version;
import dev.s3dock.registry.Pointer;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.promotion.Tags.Tagged;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "tag",
    description = {
      "Give a published image a version.",
      "Versions may come in any order (v1.1.5 after v1.2.0).",
      "An existing version stays at its image, unless --move moves it; the move is recorded in the audit trail.",
      "Environments that were promoted by a version follow it when it is moved. --move names them and asks first; without a terminal it needs --yes."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock tag myapp:20250721-2118-f7a5a27 v1.2.0",
      "  s3dock tag myapp:staging v1.2.0"
    })
public final class TagCommand extends Action {
  @Parameters(
      paramLabel = "REF",
      description = "The image: APP:YYYYMMDD-HHMM-hash, APP:VERSION or APP:ENVIRONMENT.")
  String reference = "";

  @Parameters(paramLabel = "VERSION", description = "Such as v1.2.0.")
  String version = "";

  @Option(names = "--move", description = "Move the version from another image to this one.")
  boolean move;

  @Option(
      names = "--yes",
      description = "With --move: do not ask, also if environments follow the version.")
  boolean yes;

  @Override
  protected void run(Wiring wiring, Output output) {
    TaggedName named = names(wiring).tagged(reference, null);
    Version name = new Version(version);
    ImageReference image = Names.image(named, wiring.registry().resolver());
    Tagged tagged =
        wiring
            .registry()
            .tags()
            .tag(image, name, move, before -> consent(wiring, image, name, before));
    output.result(
        "tag",
        tagged.skipped()
            ? "%s is already version %s".formatted(image, name)
            : "%s is version %s".formatted(image, name),
        data -> {
          data.writeStringField("image_ref", image.toString());
          data.writeStringField("version", name.value());
          data.writeStringField("s3_key", tagged.key().value());
          data.writeBooleanField("skipped", tagged.skipped());
        });
  }

  private void consent(Wiring wiring, ImageReference image, Version name, Pointer before) {
    List<Environment> followers = wiring.registry().referrers().followers(image.app(), name);
    if (followers.isEmpty()) {
      return;
    }
    String from = Printable.of(before.sourceImage());
    String names = followers.stream().map(Environment::value).collect(Collectors.joining(", "));
    String what =
        "version %s of %s is followed by %s, which would move with it from %s to %s"
            .formatted(name, image.app(), names, from, image);
    if (yes) {
      wiring.note("%s moves with %s, from %s to %s".formatted(names, name, from, image));
      return;
    }
    switch (new Confirmation(root()).ask(what + ". Move it?")) {
      case YES -> {}
      case NO -> throw RegistryException.conflict("version %s stays at %s".formatted(name, from));
      case NOBODY ->
          throw RegistryException.conflict(what + "; nothing was moved: add --yes to move it");
    }
  }
}
