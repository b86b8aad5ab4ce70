package dev.s3dock.cli.bucket;

import dev.s3dock.cli.render.AuditRows;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.render.Sizes;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.config.RetentionKeys;
import dev.s3dock.image.ImageReference;
import dev.s3dock.image.Printable;
import dev.s3dock.image.TaggedName;
import dev.s3dock.registry.RegistryException;
import dev.s3dock.registry.audit.AuditSearch;
import dev.s3dock.registry.audit.CleanupEvent;
import dev.s3dock.registry.gc.Cleanup;
import dev.s3dock.registry.gc.Removal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "image",
    customSynopsis = {
      "s3dock remove image [OPTIONS] REF",
      "s3dock remove image [OPTIONS] [APP] stamp-hash|ENVIRONMENT|VERSION"
    },
    description = {
      "Remove a published image with all its platforms, in the same way as s3dock cleanup. One that"
          + " a version, an environment or a host needs is not removed, nor one of the last images"
          + " that an environment was at (retention.targets). A version or an environment stands"
          + " for its image, so the command says what needs that."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock remove image myapp:20250721-2118-f7a5a27")
final class RemoveImageCommand extends RemoveAction {
  @Parameters(
      index = "0",
      paramLabel = "REF | APP",
      description =
          "APP:YYYYMMDD-HHMM-hash, APP:ENVIRONMENT or APP:VERSION; or the name of the app (default:"
              + " `app` of the configuration).")
  String first = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "WORD",
      description = "Of an app: the stamp-hash of an image, an environment, or a version.")
  @Nullable String second;

  @Override
  protected void run(Wiring wiring, Output output) {
    TaggedName named = names(wiring).tagged(first, second);
    ImageReference image = Names.image(named, wiring.registry().resolver());
    if (named.image().isEmpty()) {
      wiring.note("%s is %s".formatted(named, image));
    }
    if (wiring.registry().images().find(image).isEmpty()) { // and no other is suggested for removal
      throw RegistryException.notFound(notThere(image, wiring.registry().auditSearch()));
    }
    Cleanup cleanup = wiring.registry().cleanup();
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
          data.writeStringField("source", named.toString());
          data.writeStringField("image_ref", image.toString());
          data.writeNumberField("bytes", bytes);
          data.writeBooleanField("dry_run", dryRun);
        });
  }

  private static String notThere(ImageReference image, AuditSearch audit) {
    return audit
        .removal(image)
        .map(
            event ->
                "image %s is not there any more: %s removed it at %s (%s)"
                    .formatted(
                        image,
                        Printable.of(event.user()),
                        AuditRows.time(event.at()),
                        Printable.of(event.what() instanceof CleanupEvent it ? it.reason() : "")))
        .orElseGet(() -> "image %s is not published: there is nothing to remove".formatted(image));
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
