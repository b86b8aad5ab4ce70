package dev.s3dock.cli.image;

import dev.s3dock.cli.render.InspectJson;
import dev.s3dock.cli.render.InspectText;
import dev.s3dock.cli.render.Inspected;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.ImageWords;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.registry.Resolver.Resolved;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "inspect",
    customSynopsis = {
      "s3dock inspect [OPTIONS] REF",
      "s3dock inspect [OPTIONS] [APP] ENVIRONMENT|VERSION|stamp-hash"
    },
    description = {
      "Show a published image: its settings, its layers, who uses it.",
      "That is: its run settings, its layers and their sizes, what it shares with the newest other images of the app, and which versions, environments and hosts use it. No layer is downloaded. Of environment variables, only the names are shown. For an archive of the original s3dock, config and layers are not available."
    },
    footerHeading = "%nExample:%n",
    footer = {"  s3dock inspect myapp:20250721-2118-f7a5a27", "  s3dock inspect myapp production"})
public final class InspectCommand extends Action {
  @Mixin ImageWords words = new ImageWords();

  @Override
  protected void run(Wiring wiring, Output output) throws IOException {
    Resolved resolved = words.resolve(wiring, names(wiring));
    Inspected inspected =
        new Inspected(
            resolved,
            wiring.transfers().inspector().inspect(resolved.image()),
            wiring.registry().referrers().of(resolved.image().key()));
    output.result(
        "inspect",
        output.isJson() ? "" : InspectText.of(inspected),
        data -> InspectJson.write(inspected, data));
  }
}
