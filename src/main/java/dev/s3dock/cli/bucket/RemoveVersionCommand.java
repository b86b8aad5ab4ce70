package dev.s3dock.cli.bucket;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.image.AppName;
import dev.s3dock.image.TaggedName;
import dev.s3dock.image.Version;
import dev.s3dock.registry.promotion.Removals;
import dev.s3dock.registry.promotion.Removals.Candidate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "version",
    customSynopsis = {
      "s3dock remove version [OPTIONS] [APP] VERSION",
      "s3dock remove version [OPTIONS] APP:VERSION"
    },
    description = {
      "Remove a version of an app. Its image stays. One that an environment follows is not removed."
    },
    footerHeading = "%nExample:%n",
    footer = "  s3dock remove version myapp v1.2.0-rc1")
final class RemoveVersionCommand extends RemoveAction {
  @Parameters(
      index = "0",
      paramLabel = "APP",
      description =
          "Name of the app (default: `app` of the configuration), or APP:VERSION in one word.")
  String first = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "VERSION",
      description = "Such as v1.2.0-rc1.")
  @Nullable String second;

  @Override
  protected void run(Wiring wiring, Output output) {
    TaggedName named = names(wiring).tagged(first, second);
    AppName name = named.app();
    Version which = new Version(named.tag());
    Removals removals = wiring.registry().removals();
    Candidate candidate = removals.version(name, which);
    String what = "version %s of %s, which is %s".formatted(which, name, candidate.image());
    if (!dryRun) {
      if (!candidate.isGone()) {
        requireMeant(what);
      }
      removals.remove(candidate);
    }
    output.result(
        "remove version",
        outcome(what, candidate.isGone()),
        data -> {
          data.writeStringField("app_name", name.value());
          data.writeStringField("version", which.value());
          data.writeStringField("image_ref", candidate.image().toString());
          data.writeStringField("s3_key", candidate.key());
          data.writeBooleanField("dry_run", dryRun);
          data.writeBooleanField("skipped", candidate.isGone());
        });
  }
}
