package dev.s3dock.cli.bucket;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.RetentionKeys;
import dev.s3dock.image.ImageReference;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "image",
    description = {
      "Remove a published image with all its platforms, in the same way as s3dock cleanup. One that a version, an environment or a host needs is not removed, nor one of the last images that an environment was at (retention.targets)."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock remove image myapp:20250721-2118-f7a5a27")
final class RemoveImageCommand extends RemoveAction {
  @Parameters(paramLabel = "REF", description = "Image reference, APP:YYYYMMDD-HHMM-hash.")
  String reference = "";

  @Override
  protected void run(Wiring wiring, Output output) {
    ImageReference image = ImageReference.parse(reference);
    if (wiring.images().find(image).isEmpty()) { // and no other is suggested for removal
      throw RegistryException.notFound(
          "image %s is not published: there is nothing to remove".formatted(image));
    }
    Cleanup cleanup = wiring.cleanup();
    List<Removal> found =
        cleanup.named(
            image, wiring.retention(image.app()).get(RetentionKeys.TARGETS).orElseThrow());
    long bytes = found.stream().mapToLong(Removal::bytes).sum();
    String what = "%s, which takes %s".formatted(image, Sizes.of(bytes));
    if (!dryRun) {
      requireMeant(what);
      cleanup.remove(image.app(), found, new AllOrError());
    }
    output.result(
        "remove image",
        outcome(what, false),
        data -> {
          data.writeStringField("image_ref", image.toString());
          data.writeNumberField("bytes", bytes);
          data.writeBooleanField("dry_run", dryRun);
        });
  }

  /** What stays after all is an error. */
  private static final class AllOrError implements Cleanup.Listener {
    @Override
    public void removed(Removal removal) {}

    @Override
    public void kept(Removal removal, String why) {
      throw RegistryException.conflict("%s stays: %s".formatted(removal.name(), why));
    }
  }
}
